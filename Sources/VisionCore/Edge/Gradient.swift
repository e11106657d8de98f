import Configuration
import VisionImage

/// How steep the picture is: |Sobel along x| + |Sobel along y|, ending at 255.
public struct Gradient: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "gradient", summary: "|Sobel x| + |Sobel y|, ending at 255",
    parameters: [], formats: [.u8], tolerance: .exact, conformanceCases: [""],
    benchmarkCases: [BenchmarkCase("gradient", "")])

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    output!.pixels(as: UInt8.self).fill { x, y in
      let (dx, dy) = Self.sobel(source, x, y, .reflect101)
      return abs(dx) + abs(dy)
    }
    return []
  }

  /// Both derivatives there; for definitions.
  static func sobel(
    _ source: ImageView<UInt8>, _ x: Int, _ y: Int, _ border: Border
  ) -> (Double, Double) {
    func pixel(_ i: Int, _ j: Int) -> Double { source.real(x + i, y + j, border) }
    let dx = pixel(1, -1) + 2 * pixel(1, 0) + pixel(1, 1)
      - pixel(-1, -1) - 2 * pixel(-1, 0) - pixel(-1, 1)
    let dy = pixel(-1, 1) + 2 * pixel(0, 1) + pixel(1, 1)
      - pixel(-1, -1) - 2 * pixel(0, -1) - pixel(1, -1)
    return (dx, dy)
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    let target = output!.pixels(as: UInt8.self)
    machine.inBands(of: target.height) { band, workspace in
      let rows = SobelRows(source, border: .reflect101, machine, workspace)
      source.withRows { pixels in
        let far = FarRows(pixels, height: source.height, target, machine, workspace)
        for y in band {
          far.ask(y + 3)
          rows.fill(y, pixels)
          far.write(y) {
            machine.kernels.derivative.gradient_window8(rows.smooth, rows.slope, $0, target.width)
          }
        }
      }
    }
    return []
  }
}

/// The sums along columns that both derivatives are made of, one row at a time, with one column of
/// border on either side.
struct SobelRows {
  let smooth: UnsafeMutablePointer<Int16>
  let slope: UnsafeMutablePointer<Int16>
  private let width: Int
  private let height: Int
  private let border: Border
  private let machine: Machine

  init(_ source: ImageView<UInt8>, border: Border, _ machine: Machine, _ workspace: Workspace) {
    width = source.width
    height = source.height
    self.border = border
    self.machine = machine
    smooth = workspace.take(width + 2, of: Int16.self)
    slope = workspace.take(width + 2, of: Int16.self)
  }

  func fill(_ y: Int, _ pixels: PixelRows<UInt8>) {
    func row(_ y: Int) -> UnsafePointer<UInt8> { pixels[border.source(y, length: height)!] }
    machine.kernels.derivative.sobel_rows8(
      row(y - 1), row(y), row(y + 1), smooth + 1, slope + 1, width)
    PaddedRows<Int16>.padEnds(smooth, 1, width, 1, border, 0)
    PaddedRows<Int16>.padEnds(slope, 1, width, 1, border, 0)
  }
}
