import Configuration
import InspectionKit
import LineKit

let logVerbs: [Verb] = [
  Verb(
    "log verify", "prove a line log: every record is there, unchanged, in order", operands: "DIR",
    count: 1...1, options: [Parameter("json", .flag, "one JSON object")],
    example: "inspect log verify line-log",
    details: "Exit status 1 where a record does not prove itself; it names the file and the line.",
    run: { call in
      let result = try reading(call) { try $0.verify() }
      var report: JSONObject = [
        "ok": .bool(result.isWhole), "records": .integer(result.records),
        "parts": .integer(result.parts),
      ]
      if let fault = result.fault {
        report["first_bad"] = [
          "file": .string(fault.file), "line": .integer(fault.line), "why": .string(fault.why),
        ]
      }
      if call.values.flag("json") {
        Output.report(report, json: true)
      } else if let fault = result.fault {
        Output.line("DAMAGED: \(fault.file), line \(fault.line): \(fault.why)")
        Output.line("\(result.records) records before it prove themselves, \(result.parts) of parts")
      } else {
        Output.line("whole: \(result.records) records, \(result.parts) of parts")
      }
      return result.isWhole ? .done : .no
    }),
  Verb(
    "log tail", "the last records of a line log", operands: "DIR", count: 1...1,
    options: [Parameter("lines", .whole(1...1_000_000), default: 10, short: "n", "how many")],
    example: "inspect log tail line-log -n 20",
    run: { call in
      let count = call.values.whole("lines")
      var last: [JSONObject] = []
      try readingAll(call) { record in
        last.append(record)
        // Dropping half at a time keeps this linear.
        if last.count >= 2 * count + 64 { last.removeFirst(last.count - count) }
      }
      for record in last.suffix(count) { Output.line(JSON.object(record).text) }
      return .done
    }),
  Verb(
    "log query", "the records of a line log that fit", operands: "DIR", count: 1...1,
    options: [
      Parameter("verdict", .choice(Verdict.allCases.map(\.rawValue)), optional: true, "parts with this verdict"),
      Parameter("type", .choice(LogRecordType.allCases.map(\.rawValue)), optional: true, "records of this type"),
      Parameter("part-id", .text, optional: true, "records of this part"),
      Parameter("from", .text, optional: true, placeholder: "TIME", "not before, as 2026-03-01T08:00"),
      Parameter("to", .text, optional: true, placeholder: "TIME", "before"),
      Parameter("limit", .whole(1...Int.max), default: .whole(.max), "so many at the most"),
    ],
    example: "inspect log query line-log --verdict NG --from 2026-03-01T08:00",
    run: { call in
      let values = call.values
      func fits(_ record: JSONObject, _ option: String, _ key: String) -> Bool {
        !values.has(option) || record[key]?.string == values.text(option)
      }
      var found = 0
      try readingAll(call) { record in
        let time = record["time"]?.string ?? ""
        guard found < values.whole("limit"), fits(record, "verdict", "verdict"),
          fits(record, "type", "type"), fits(record, "part-id", "part_id"),
          !values.has("from") || time >= values.text("from"),
          !values.has("to") || time < values.text("to")
        else { return }
        found += 1
        Output.line(JSON.object(record).text)
      }
      return .done
    }),
  Verb(
    "log stats", "what a line log says about the line", operands: "DIR", count: 1...1,
    options: [Parameter("json", .flag, "one JSON object")], example: "inspect log stats line-log",
    run: { call in
      var verdicts: JSONObject = ["OK": 0, "NG": 0, "FAULT": 0]
      var parts = 0, alarms = 0
      var latencies = LatencyHistogram()
      var first: String?, last: String?
      try readingAll(call) { record in
        if record["type"]?.string == LogRecordType.alarm.rawValue { alarms += 1 }
        guard record["type"]?.string == LogRecordType.part.rawValue else { return }
        parts += 1
        let verdict = record["verdict"]?.string ?? Verdict.fault.rawValue
        verdicts[verdict] = .integer((verdicts[verdict]?.integer ?? 0) + 1)
        if let latency = record["latency_ms"]?.number { latencies.add(latency) }
        first = first ?? record["time"]?.string
        last = record["time"]?.string
      }
      let ok = verdicts["OK"]?.integer ?? 0
      Output.report(
        [
          "parts": .integer(parts), "ok": verdicts["OK"]!, "ng": verdicts["NG"]!,
          "fault": verdicts["FAULT"]!, "alarms": .integer(alarms),
          "yield": parts == 0 ? .null : .rounded(100 * Double(ok) / Double(parts), 2),
          "latency_ms": [
            "p50": .rounded(latencies.percentile(0.5), 3),
            "p99": .rounded(latencies.percentile(0.99), 3), "max": .rounded(latencies.greatest, 3),
          ],
          "first": first.map { .string($0) } ?? .null, "last": last.map { .string($0) } ?? .null,
        ], json: call.values.flag("json"))
      return .done
    }),
  Verb(
    "log export", "a line log as JSON Lines", operands: "DIR", count: 1...1,
    options: [
      Parameter("type", .choice(LogRecordType.allCases.map(\.rawValue)), optional: true, "records of this type only")
    ],
    example: "inspect log export line-log --type part > parts.jsonl",
    run: { call in
      try readingAll(call) { record in
        if !call.values.has("type") || record["type"]?.string == call.values.text("type") {
          Output.line(JSON.object(record).text)
        }
      }
      return .done
    }),
]

private func reading<R>(_ call: Invocation, _ body: (LogReader) throws -> R) throws -> R {
  do {
    return try body(LogReader(folder: call.operands[0]))
  } catch let error as LogDiskError {
    throw CommandError(
      .inputs, "cannot read the log", at: call.operands[0], why: error.description)
  } catch let error as LineLogError {
    throw CommandError(
      .no, "the log is damaged", at: call.operands[0], why: error.description,
      advice: "'inspect log verify' tells more")
  }
}

private func readingAll(_ call: Invocation, _ visit: (JSONObject) -> Void) throws {
  try reading(call) { try $0.records(visit) }
}
