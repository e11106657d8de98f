import Configuration
import VisionCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

let doctorVerb = Verb(
  "doctor", "what this machine has, and whether it works",
  options: [Parameter("json", .flag, "one JSON object")],
  example: "inspect doctor",
  details: "Exit status 1 where a check fails.",
  run: { call in
    let report = try DoctorReport()
    if call.values.flag("json") {
      Output.report(report.object, json: true)
    } else {
      Output.text(report.text)
    }
    return report.isHealthy ? .done : .no
  })

/// What `doctor` finds.
private struct DoctorReport {
  struct Check {
    let name: String
    /// nil: there is nothing to check here, `detail` says why.
    let passed: Bool?
    let detail: String
  }

  let processor: String
  let instructionSet: InstructionSet
  let choice: EngineChoice
  let threads: Int
  let checks: [Check]

  init() throws {
    processor = Processor.name
    instructionSet = try EngineOptions.instructionSet()
    choice = try EngineOptions.choice(nil)
    threads = try EngineOptions.threads()
    var checks: [Check] = []
    for set in InstructionSet.available {
      let fault = SelfTest.fault(of: Machine(set))
      checks.append(
        Check(
          name: "kernels \(set.rawValue)", passed: fault == nil,
          detail: fault ?? "every operator agrees with its definition"))
    }
    for set in InstructionSet.allCases where !InstructionSet.available.contains(set) {
      checks.append(
        Check(name: "kernels \(set.rawValue)", passed: nil, detail: "not on this processor"))
    }
    if let library = OpenCVLibrary.shared {
      let runner = OperatorRunner(.opencv, machine: Machine(instructionSet))
      let fault = SelfTest.fault(of: runner)
      checks.append(
        Check(
          name: "opencv", passed: fault == nil,
          detail: fault ?? "version \(library.version) agrees with the definitions"))
    } else {
      // A box without the second source works; `auto` then goes on natively.
      checks.append(
        Check(name: "opencv", passed: nil, detail: OpenCVLibrary.loadError ?? "not asked for"))
    }
    let calibration = OpenCVLibrary.calibration
    checks.append(
      Check(
        name: "opencv calibration", passed: calibration.map { _ in true },
        detail: calibration.map { "version \($0.version)" } ?? OpenCVLibrary.calibrationLoadError
          ?? "not asked for"))
    self.checks = checks
  }

  var isHealthy: Bool { checks.allSatisfy { $0.passed != false } }

  var object: JSONObject {
    [
      "cpu": .string(processor), "isa": .string(instructionSet.rawValue),
      "isa_available": .array(InstructionSet.available.map { .string($0.rawValue) }),
      "engine": .string(choice.rawValue),
      "engines": [
        "reference": true, "native": .string(instructionSet.rawValue),
        "opencv": OpenCVLibrary.shared.map { .string($0.version) } ?? .null,
      ],
      "threads": .integer(threads),
      "checks": .array(
        checks.map {
          [
            "name": .string($0.name), "ok": $0.passed.map { .bool($0) } ?? .null,
            "detail": .string($0.detail),
          ]
        }),
    ]
  }

  var text: String {
    var text = "processor     \(processor)\n"
    text += "kernels       \(instructionSet.rawValue)"
    text += " (this processor can run \(InstructionSet.available.map(\.rawValue).joined(separator: ", ")))\n"
    text += "engine        \(choice.rawValue)\n"
    text += "threads       \(threads)\n\nchecks:\n"
    for check in checks {
      let mark = check.passed.map { $0 ? "ok    " : "FAILED" } ?? "absent"
      text += "  \(mark)  \(check.name.padded(to: 18))\(check.detail)\n"
    }
    return text
  }
}

/// The machine's processor.
enum Processor {
  static let name: String = {
    guard let file = fopen("/proc/cpuinfo", "r") else { return "unknown" }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 1024)
    while fgets(&line, Int32(line.count), file) != nil {
      let bytes = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      let text = String(decoding: bytes, as: UTF8.self)
      if text.hasPrefix("model name"), let colon = text.firstIndex(of: ":") {
        return String(text[text.index(after: colon)...].drop { $0 == " " }.prefix { $0 != "\n" })
      }
    }
    return "unknown"
  }()
}
