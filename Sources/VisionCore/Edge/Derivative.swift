import Configuration
import VisionImage
import VisionKernelsABI

/// A sum of products of two windows of whole numbers, one along the columns and one along the rows:
/// what Sobel, Scharr and Laplace have in common.
struct Derivative: Sendable {
  struct Term: Sendable {
    let column: [Int]
    let row: [Int]
  }
  /// One or two, windows of one length each.
  let terms: [Term]

  private var taps: Int { terms[0].row.count }

  static func layout(_ inputs: [RasterLayout]) -> RasterLayout {
    RasterLayout(format: .u16, width: inputs[0].width, height: inputs[0].height)
  }

  /// What is the derivative 0 in the 16-bit result.
  static let zero = 32768.0

  // MARK: The definition

  func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    let radius = taps / 2
    output!.pixels(as: UInt16.self).fill { x, y in
      var sum = 0.0
      for term in terms {
        for j in 0..<taps where term.column[j] != 0 {
          for i in 0..<taps {
            let weight = Double(term.column[j] * term.row[i])
            sum += weight * source.real(x + i - radius, y + j - radius, .reflect101)
          }
        }
      }
      return min(max(sum, -32768), 32767) + Self.zero
    }
    return []
  }

  // MARK: The fast one

  func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    let target = output!.pixels(as: UInt16.self)
    let kernels = machine.kernels.derivative
    let taps = taps, radius = taps / 2, count = target.width
    let isSmall = terms.count == 1 && taps == 3
    machine.inBands(of: target.height) { band, workspace in
      func weights(_ values: [Int]?) -> UnsafeMutablePointer<Int16> {
        let weights = workspace.take(taps, of: Int16.self)
        for i in 0..<taps { weights[i] = values.map { Int16($0[i]) } ?? 0 }
        return weights
      }
      let columns = (first: weights(terms[0].column), second: weights(terms[terms.count - 1].column))
      let rows = (
        first: weights(terms[0].row),
        second: weights(terms.count == 2 ? terms[1].row : nil)
      )
      let lines = workspace.take(taps, of: UnsafeRawPointer.self)
      let a = workspace.take(count + 2 * radius, of: Int16.self)
      let b = terms.count == 2 ? workspace.take(count + 2 * radius, of: Int16.self) : a
      source.withRows { pixels in
        for y in band {
          for i in 0..<taps {
            let line = Border.reflect101.source(y + i - radius, length: source.height)!
            lines[i] = UnsafeRawPointer(pixels[line])
          }
          kernels.rows8(lines, columns.first, taps, a + radius, count)
          PaddedRows<Int16>.padEnds(a, radius, count, radius, .reflect101, 0)
          if terms.count == 2 {
            kernels.rows8(lines, columns.second, taps, b + radius, count)
            PaddedRows<Int16>.padEnds(b, radius, count, radius, .reflect101, 0)
          }
          if isSmall {
            kernels.window3(a, rows.first, target.row(y), count)
          } else {
            kernels.window(a, b, rows.first, rows.second, taps, target.row(y), count)
          }
        }
      }
    }
    return []
  }

  // MARK: Windows

  /// Binomial weights: smoothing with `size` taps.
  static func smoothing(_ size: Int) -> [Int] {
    (1..<size).reduce([1]) { weights, _ in
      zip(weights + [0], [0] + weights).map { $0 + $1 }
    }
  }

  /// The difference of order 0, 1 or 2, smoothed to `size` taps.
  static func difference(_ order: Int, _ size: Int) -> [Int] {
    (0..<order).reduce(smoothing(size - order)) { weights, _ in
      zip(weights + [0], [0] + weights).map { $1 - $0 }
    }
  }
}
