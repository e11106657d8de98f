import Configuration
import VisionImage
import VisionKernelsABI

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// CIE Lab of sRGB under D65: lightness times 2.55, a and b plus 128.
///
/// In whole numbers, as OpenCV has it: linear light in parts of 1/2040, the matrix in parts of
/// 1/4096, the cube root in parts of 1/32768.
public struct Lab: ColourMap {
  public init() {}
  public init(_ values: ParameterValues) { self.init() }
  public static let descriptor = describe("lab", "CIE L*a*b*: lightness, green to red, blue to yellow")

  /// sRGB undone, 0 to 2040.
  private static func linear(_ level: Int) -> Int32 {
    let v = Double(level) / 255
    let light = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4)
    return Int32((light * 2040).rounded(.toNearestOrEven))
  }

  /// The cube root, with a line near black, of what is 2040 for white.
  private static func bent(_ light: Int32) -> Int32 {
    let t = Double(light) / 2040
    let root = t < 0.008856 ? t * 7.787 + 16.0 / 116 : cbrt(t)
    return Int32((root * 32768).rounded(.toNearestOrEven))
  }

  /// Parts of linear red, green and blue in X / Xn, Y and Z / Zn, in 1/4096.
  private static let parts: [Int32] = {
    let white: [Double] = [0.950456, 1, 1.088754]
    let rows: [[Double]] = [
      [0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227],
    ]
    return zip(rows, white).flatMap { row, white in
      row.map { Int32(($0 / white * 4096).rounded(.toNearestOrEven)) }
    }
  }()

  static func define(_ pixel: RGB<UInt8>) -> RGB<UInt8> {
    let r = linear(Int(pixel.red)), g = linear(Int(pixel.green)), b = linear(Int(pixel.blue))
    func axis(_ i: Int) -> Int32 {
      bent((r * parts[i] + g * parts[i + 1] + b * parts[i + 2] + 2048) >> 12)
    }
    func level(_ sum: Int32) -> UInt8 { UInt8(min(max((sum + 16384) >> 15, 0), 255)) }
    let x = axis(0), y = axis(3), z = axis(6)
    // 116 * 2.55 and 16 * 2.55 * 32768.
    return RGB(
      red: level(296 * y - 1_336_934), green: level(500 * (x - y) + 128 << 15),
      blue: level(200 * (y - z) + 128 << 15))
  }

  private static let lines = (0..<256).map { linear($0) }
  /// Of every sum of parts that white does not pass.
  private static let curve = (Int32(0)..<3072).map { bent($0) }

  static func map(
    _ row: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<UInt8>, _ count: Int,
    _ work: UnsafeMutablePointer<UInt8>, _ kernels: colour_kernels
  ) {
    kernels.lab8(row, out, count, lines, curve, parts, work)
  }
}
