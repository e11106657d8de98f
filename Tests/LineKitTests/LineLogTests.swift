import Configuration
import Testing
@testable import LineKit

#if canImport(Glibc)
import Glibc
#endif

@Suite struct LineLogTests {
  private func log(_ disk: SimulatedDisk, limit: Int = 1 << 20) throws -> LineLog {
    try LineLog(disk: disk, segmentLimit: limit)
  }

  private func records(_ disk: SimulatedDisk) -> (records: [JSONObject], fault: String?) {
    var found: [JSONObject] = []
    var hash = LogLine.origin, sequence = 0
    for name in disk.segments() {
      var scan = LogScan(bytes: disk.read(name), hash: hash, sequence: sequence)
      scan.run { entry in
        guard let record = entry.record else { return false }
        found.append(record)
        return true
      }
      if let fault = scan.fault { return (found, fault) }
      hash = scan.hash
      sequence = scan.sequence
    }
    return (found, nil)
  }

  @Test func partsAreNumberedWithoutGapsAlsoAfterARestart() throws {
    let disk = SimulatedDisk()
    for _ in 0..<3 {
      let log = try log(disk)
      try log.append(.start, ["what": "begin"])
      for _ in 0..<4 { try log.append(.part, ["verdict": "OK"]) }
      try log.close()
    }
    let (all, fault) = records(disk)
    #expect(fault == nil)
    #expect(all.compactMap { $0["result_id"]?.integer } == Array(1...12))
    #expect(all.compactMap { $0["seq"]?.integer } == Array(1...15))
  }

  @Test func aLongLogGoesOnInFurtherSegments() throws {
    let disk = SimulatedDisk()
    let log = try log(disk, limit: 1000)
    for _ in 0..<20 { try log.append(.part, ["verdict": "NG"]) }
    try log.close()
    #expect(disk.segments().count > 3)
    #expect(records(disk).fault == nil)
    #expect(records(disk).records.count == 20)
  }

  /// The promise: what `append` returned for is there after any crash, and nothing is out of order.
  @Test(arguments: 0..<200) func nothingThatWasPromisedIsLostInACrash(seed: Int) throws {
    var random = seed &* 2_654_435_761 % 1_000_003
    func next(_ bound: Int) -> Int {
      random = (random &* 1_103_515_245 &+ 12345) & 0x7fff_ffff
      return random / 7 % max(1, bound)
    }
    let disk = SimulatedDisk(.init(failingSync: 3 + next(9)))
    let writer = try log(disk, limit: 400 + next(2000))
    var promised = 0
    do {
      for i in 0..<30 {
        let ticket = try writer.submit(.part, ["verdict": "OK", "n": .integer(i)])
        if next(3) == 0 {
          try writer.wait(for: ticket)
          promised = i + 1
        }
      }
      try writer.close()
      promised = 30
    } catch {
      #expect("\(error)".contains("sync"), "seed \(seed)")
    }
    let crashed = disk.afterCrash { next($0 + 1) }
    let reopened = try log(crashed)
    try reopened.append(.part, ["verdict": "NG", "n": 99])
    try reopened.close()
    let (all, fault) = records(crashed)
    let parts = all.filter { $0["type"]?.string == "part" }
    #expect(fault == nil, "seed \(seed)")
    #expect(parts.count - 1 >= promised, "seed \(seed)")
    #expect(parts.compactMap { $0["result_id"]?.integer } == Array(1...parts.count), "seed \(seed)")
    #expect(parts.dropLast().compactMap { $0["n"]?.integer } == Array(0..<parts.count - 1))
  }

  @Test func aTornEndIsCutKeptAsideAndTold() throws {
    let disk = SimulatedDisk()
    let first = try log(disk)
    for _ in 0..<3 { try first.append(.part, ["verdict": "OK"]) }
    try first.close()
    disk.edit(disk.segments()[0]) { $0.removeLast(30) }
    let second = try log(disk)
    #expect(second.recovery?.contains("torn") == true)
    try second.close()
    #expect(disk.asideNames == ["torn-3.bin"])
    #expect(records(disk).records.map { $0["type"]?.string } == ["part", "part", "recovered"])
  }

  @Test(arguments: [0, 100, 400]) func damageInTheMiddleIsNeverMended(place: Int) throws {
    let disk = SimulatedDisk()
    let first = try log(disk)
    for _ in 0..<5 { try first.append(.part, ["verdict": "OK"]) }
    try first.close()
    disk.edit(disk.segments()[0]) { $0[place + 20] ^= 1 }
    #expect(throws: LineLogError.self) { try log(disk) }
  }

  @Test func aMissingLineBreaksTheChain() throws {
    let disk = SimulatedDisk()
    let writer = try log(disk)
    for _ in 0..<5 { try writer.append(.part, ["verdict": "OK"]) }
    try writer.close()
    disk.edit(disk.segments()[0]) { bytes in
      let lines = bytes.split(separator: 10)
      bytes = Array((lines[..<2] + lines[3...]).joined(separator: [10])) + [10]
    }
    #expect(records(disk).fault?.contains("line before") == true)
  }

  @Test func aFullDiskIsAnErrorAndStaysOne() throws {
    let disk = SimulatedDisk(.init(capacity: 1000))
    let writer = try log(disk)
    #expect {
      for _ in 0..<10 { try writer.append(.part, ["verdict": "OK"]) }
    } throws: { "\($0)".contains("No space left") }
    #expect(throws: LineLogError.self) { try writer.submit(.part, [:]) }
  }

  @Test func oneWriterOnly() throws {
    let folder = "/tmp/inspect-log-\(getpid())"
    let first = try LineLog(folder: folder)
    #expect { try LineLog(folder: folder) } throws: { "\($0)".contains("process \(getpid())") }
    try first.append(.part, ["verdict": "OK"])
    try first.close()
    let found = try LogReader(folder: folder).verify()
    #expect(found.isWhole && found.parts == 1 && found.records == 1)
    for name in ["lock", "line-000001.jsonl"] { unlink(folder + "/" + name) }
    rmdir(folder)
  }
}

@Suite struct LineCountersTests {
  @Test func percentilesAreRightToOnePercent() {
    var histogram = LatencyHistogram()
    for i in 1...1000 { histogram.add(Double(i)) }
    for (share, expected) in [(0.5, 500.0), (0.99, 990), (1, 1000)] {
      let found = histogram.percentile(share)
      #expect(abs(found - expected) / expected < 0.021, "\(share): \(found)")
    }
  }

  @Test func everyVerdictIsCountedOnceAndFaultsApart() {
    var counters = LineCounters()
    for (i, verdict) in ["OK", "NG", "FAULT", "OK"].enumerated() {
      counters.count(verdict: verdict, latencyMilliseconds: 2, at: Double(i) * 0.1)
    }
    #expect(counters.ok == 2 && counters.ng == 1 && counters.fault == 1 && counters.parts == 4)
    #expect(counters.yield == 50)
    #expect(abs((counters.takt ?? 0) - 100) < 1e-9)
  }
}
