import Foundation
import Testing
import VisionCore

/// The house rules, checked on the sources themselves.
@Suite struct TidyTests {
  static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func files(_ folder: String, _ endings: Set<String>) -> [URL] {
    let root = Self.checkout.appendingPathComponent(folder)
    let walker = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    return (walker?.compactMap { $0 as? URL } ?? []).filter { endings.contains($0.pathExtension) }
  }

  private func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

  /// What stands before a target in the line from camera to sink; it may import these and no other
  /// of ours. C targets stand before everything.
  static let order: [[String]] = [
    ["VisionImage", "Configuration", "Threading", "Hashing"], ["ImageFiles"],
    ["VisionKernelsBaseline", "VisionKernelsAVX2", "VisionKernelsAVX512"], ["VisionCore"],
    ["CaptureKit"], ["InspectionKit"], ["LineKit"], ["DashboardKit"], ["InspectCLI"],
  ]

  @Test func importsPointOneWay() throws {
    let rank = Dictionary(
      uniqueKeysWithValues: Self.order.enumerated().flatMap { i, names in names.map { ($0, i) } })
    var checked = 0
    for file in files("Sources", ["swift"]) {
      let parts = file.pathComponents
      let at = try #require(parts.lastIndex(of: "Sources"))
      let target = parts[at + 1]
      guard let own = rank[target] else { continue }
      for line in try text(file).split(separator: "\n") where line.hasPrefix("import ") {
        let name = String(line.dropFirst("import ".count)).trimmingCharacters(in: .whitespaces)
        #expect(name != "Foundation", "\(file.lastPathComponent): slow to start and large")
        if let other = rank[name] {
          #expect(other < own, "\(target) imports \(name) in \(file.lastPathComponent)")
          checked += 1
        }
      }
    }
    #expect(checked > 50)
  }

  @Test func filesAreShort() throws {
    let all = files("Sources", ["swift", "c", "h", "cpp", "hpp"]) + files("Tests", ["swift"])
    #expect(all.count > 60)
    for file in all {
      let count = try text(file).split(separator: "\n", omittingEmptySubsequences: false).count
      #expect(count <= 600, "\(file.lastPathComponent): \(count) lines")
    }
  }

  @Test func everyOperatorHasAGuideAndAConformanceRow() throws {
    for type in OperatorRegistry.all {
      let descriptor = type.descriptor
      let page = Self.checkout.appendingPathComponent("Guides/operators/\(descriptor.name).md")
      let guide = try? text(page)
      #expect(guide?.contains("# \(descriptor.name)") == true, "no guide for \(descriptor.name)")
      for parameter in descriptor.parameters {
        #expect(guide?.contains("--\(parameter.name)") == true, "\(descriptor.name): --\(parameter.name)")
      }
      #expect(!descriptor.conformanceCases.isEmpty && !descriptor.benchmarkCases.isEmpty)
    }
  }

  /// The table in the README is made from the registry: REGENERATE=1 writes it anew.
  @Test func theReadmeListsTheOperators() throws {
    let file = Self.checkout.appendingPathComponent("README.md")
    let readme = try text(file)
    let start = "<!-- operators -->\n", end = "<!-- end of operators -->"
    let from = try #require(readme.range(of: start)), to = try #require(readme.range(of: end))
    var table = "| operator | what it does | pixels | engines |\n|---|---|---|---|\n"
    for type in OperatorRegistry.all {
      let d = type.descriptor
      let formats = d.formats.map(\.rawValue).joined(separator: ", ")
      table += "| [\(d.name)](Guides/operators/\(d.name).md) | \(d.summary) | \(formats) | "
      table += "reference, native\(d.hasOpenCV ? ", opencv" : "") |\n"
    }
    if ProcessInfo.processInfo.environment["REGENERATE"] == "1" {
      let fresh = readme.replacingCharacters(in: from.upperBound..<to.lowerBound, with: table)
      try fresh.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(readme[from.upperBound..<to.lowerBound] == table, "REGENERATE=1 ./run test writes it")
    }
  }

  /// A generic of the standard library that is compiled into the modules of two instruction sets is
  /// one weak symbol; the linker keeps one copy, perhaps the one that an old processor cannot run.
  @Test func noCodeLeaksBetweenInstructionSets() throws {
    let built = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent()
    func weakSymbols(_ module: String) throws -> Set<String>? {
      let folder = built.appendingPathComponent("\(module).build").path
      guard FileManager.default.fileExists(atPath: folder) else { return nil }
      let process = Process()
      let pipe = Pipe()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "find '\(folder)' -name '*.o' -exec nm --defined-only {} +"]
      process.standardOutput = pipe
      try process.run()
      let data = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
      // Metadata (V) may be shared; code (W) may not.
      return Set(lines.compactMap { line in
        let words = line.split(separator: " ")
        return words.count == 3 && words[1] == "W" ? String(words[2]) : nil
      })
    }
    guard let baseline = try weakSymbols("VisionKernelsBaseline") else {
      print("skipped: no object files beside the tests")
      return
    }
    #if arch(x86_64)
      for module in ["VisionKernelsAVX2", "VisionKernelsAVX512"] {
        let symbols = try #require(try weakSymbols(module))
        let others = try weakSymbols("VisionCore") ?? []
        let shared = symbols.intersection(baseline.union(others))
        #expect(shared.isEmpty, "\(module): \(shared.sorted().prefix(5))")
      }
    #endif
  }
}
