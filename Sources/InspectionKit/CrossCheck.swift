import VisionCore
import VisionImage

/// Looks at a share of the pictures with a second engine, too, and tells where the two disagree.
public struct CrossCheck: Sendable {
  /// From 0, none, to 1, all.
  let rate: Double
  let engine: EngineChoice

  /// The second engine is OpenCV, and where that comes first the native one.
  public init(rate: Double, of choice: EngineChoice) {
    precondition((0...1).contains(rate), "a rate of \(rate)")
    self.rate = rate
    engine = choice.first == .opencv ? .native : .opencv
  }

  /// Chosen by the picture's name: the same ones whatever the number of threads.
  func isDue(_ image: String) -> Bool {
    // FNV-1a, and its last mix from MurmurHash3: names that differ in a digit must fall anywhere.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in image.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
    hash ^= hash >> 33
    return Double(hash >> 11) / Double(1 << 53) < rate
  }

  /// What two engines may differ by: they round differently in places.
  private static let score = 0.1
  private static let pixels = 2
  private static let value = 0.1

  /// Why two records of one picture say different things, in one line; nil where they agree.
  static func disagreement(_ a: InspectionRecord, _ b: InspectionRecord) -> String? {
    if a.verdict != b.verdict { return "\(a.verdict.rawValue) against \(b.verdict.rawValue)" }
    if abs(a.score - b.score) > score * max(1, a.score, b.score) {
      return "a score of \(a.score) against \(b.score)"
    }
    if a.defects.count != b.defects.count {
      return "\(a.defects.count) defects against \(b.defects.count)"
    }
    // Two engines may find the same in another order.
    for defect in a.defects {
      let near = b.defects.contains { $0.kind == defect.kind && isNear($0.box, defect.box) }
      if !near { return "a defect at \(defect.box) that the other does not see" }
    }
    for (p, q) in zip(a.measurements, b.measurements) {
      guard p.name == q.name, (p.value == nil) == (q.value == nil),
        abs((p.value ?? 0) - (q.value ?? 0)) <= value
      else { return "\(p.name): \(text(p.value)) against \(text(q.value))" }
    }
    return nil
  }

  private static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "nothing" }

  private static func isNear(_ a: PixelRect, _ b: PixelRect) -> Bool {
    abs(a.x - b.x) <= pixels && abs(a.y - b.y) <= pixels && abs(a.maxX - b.maxX) <= pixels
      && abs(a.maxY - b.maxY) <= pixels
  }
}
