import VisionCore
import VisionImage

/// How a test image lies in memory, and what is in it.
struct ImageCase: Sendable, CustomStringConvertible {
  enum Content: Sendable, CaseIterable { case random, extremes, least, greatest, constant, smooth }
  let width: Int
  let height: Int
  let content: Content
  /// Pixels left and above of the image in a larger one: rows then start anywhere.
  let inset: Int

  var description: String { "\(width)x\(height) \(content) at \(inset)" }

  /// Around every register width and border: one pixel, lines, one more and one less than a power.
  static let all: [ImageCase] =
    [
      (1, 1), (1, 17), (33, 1), (2, 2), (15, 16), (16, 15), (17, 31), (31, 33), (33, 17), (63, 64),
      (64, 63), (65, 65), (130, 67),
    ].enumerated().map { i, size in
      ImageCase(width: size.0, height: size.1, content: .random, inset: [0, 1, 13][i % 3])
    }
    + Content.allCases.flatMap { content in
      [(65, 9), (5, 34)].map {
        ImageCase(width: $0.0, height: $0.1, content: content, inset: content == .random ? 13 : 1)
      }
    }

  /// A view into a larger image whose rows are an odd number of pixels apart.
  func view(_ format: PixelFormat, _ kind: VisionCore.Content, seed: UInt64) -> RasterView {
    var (width, height) = (width, height)
    if case .groups(let wide, let high) = kind { (width, height) = (width * wide, height * high) }
    let outerWidth = width + inset + 7
    let outer = RasterLayout(
      format: format, width: outerWidth, height: height + inset,
      rowBytes: (outerWidth | 1) * format.pixelBytes)
    var raster = Raster(uninitialized: outer)
    var random = SeededRandom(seed: seed)
    raster.withMutableView { pixels in
      for y in 0..<pixels.height {
        let row = pixels.row(y)
        for x in 0..<pixels.width {
          for channel in 0..<format.channels {
            let place = (x * format.channels + channel) * format.sampleBytes
            let top = format.sampleBytes == 1 ? 255 : 65535
            var value = sample(x, y, top, &random)
            switch kind {
            case .any, .groups: break
            case .binary, .blobs: value = value * 3 > top ? value : 0
            case .markers: value = random.next() % 37 == 0 ? value % 200 + 1 : 0
            }
            if format == .f32 {
              // 0 to 255, with parts of levels.
              row.storeBytes(of: Float(value) / 257, toByteOffset: place, as: Float.self)
            } else if format.sampleBytes == 2 {
              row.storeBytes(of: UInt16(value), toByteOffset: place, as: UInt16.self)
            } else {
              row.storeBytes(of: UInt8(value), toByteOffset: place, as: UInt8.self)
            }
          }
        }
      }
    }
    return raster.view.cropped(to: PixelRect(x: inset, y: inset, width: width, height: height))
  }

  private func sample(_ x: Int, _ y: Int, _ top: Int, _ random: inout SeededRandom) -> Int {
    switch content {
    case .random: Int(random.next() % UInt64(top + 1))
    case .extremes: random.next() % 2 == 0 ? 0 : top
    case .least: 0
    case .greatest: top
    case .constant: top / 3
    case .smooth: (x * 5 + y * 3) * top / 255 % (top + 1)
    }
  }
}
