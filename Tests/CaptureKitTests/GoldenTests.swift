@testable import CaptureKit
import ImageFiles
import Testing
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The same bits on every machine: checksums of rendered parts, kept in Goldens/scenes.txt.
/// REGENERATE=1 writes the file anew; look at the pictures before you keep it.
@Suite struct GoldenTests {
  static let path = "\(#filePath)".split(separator: "/").dropLast()
    .reduce("") { $0 + "/" + $1 } + "/Goldens/scenes.txt"

  @Test func partsAreTheSameOnEveryMachine() throws {
    let now = SceneKind.all.map(Self.line).joined(separator: "\n") + "\n"
    if getenv("REGENERATE") != nil { try AtomicFile.write(Array(now.utf8), to: Self.path) }
    let kept = try FileBytes(Self.path, limit: 10_000).array
    #expect(String(decoding: kept, as: UTF8.self) == now)
  }

  private static func line(_ kind: SceneKind) -> String {
    let scene = kind.scene(width: 320, height: 240, seed: 7)
    let parts = [0.0, 1].flatMap { rate in
      (0..<3).map { scene.render(part: $0, defectRate: rate) }
    }
    let sums = ([scene.reference] + parts.map(\.image)).map(checksum)
    let boxes = parts.flatMap(\.defects).map { "\($0.kind) \($0.box)" }
    return ([kind.name] + sums + boxes).joined(separator: "\n  ")
  }

  /// FNV-1a of the pixels, row by row.
  private static func checksum(_ image: Image<UInt8>) -> String {
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    image.view.withRows { rows in
      for y in 0..<image.height {
        for x in 0..<image.width { sum = (sum ^ UInt64(rows[y][x])) &* 0x100_0000_01b3 }
      }
    }
    return String(sum, radix: 16)
  }
}
