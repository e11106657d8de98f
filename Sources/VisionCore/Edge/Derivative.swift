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

  /// Of real pixels the derivative itself, of bytes 16 bits with 32768 added.
  static func layout(_ inputs: [RasterLayout]) -> RasterLayout {
    RasterLayout(
      format: inputs[0].format == .f32 ? .f32 : .u16, width: inputs[0].width, height: inputs[0].height)
  }

  /// What is the derivative 0 in the 16-bit result.
  static let zero = 32768.0

  // MARK: The definition

  func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    if let source = ImageView<Float>(inputs.first) {
      output!.pixels(as: Float.self).fill { x, y in sum(source, x, y) }
    } else if let source = ImageView<UInt8>(inputs.first) {
      output!.pixels(as: UInt16.self).fill { x, y in
        min(max(sum(source, x, y), -32768), 32767) + Self.zero
      }
    }
    return []
  }

  private func sum<P: GreyPixel>(_ source: ImageView<P>, _ x: Int, _ y: Int) -> Double {
    let radius = taps / 2
    var sum = 0.0
    for term in terms {
      for j in 0..<taps where term.column[j] != 0 {
        for i in 0..<taps {
          let weight = Double(term.column[j] * term.row[i])
          sum += weight * source.real(x + i - radius, y + j - radius, .reflect101)
        }
      }
    }
    return sum
  }

  // MARK: The fast one

  func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    if let source = ImageView<Float>(inputs.first) {
      nativeReal(source, output!.pixels(as: Float.self), machine)
      return []
    }
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
        let far = FarRows(pixels, height: source.height, target, machine, workspace)
        for y in band {
          far.ask(y + radius + 2)
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
          far.write(y) { out in
            if isSmall {
              kernels.window3(a, rows.first, out, count)
            } else {
              kernels.window(a, b, rows.first, rows.second, taps, out, count)
            }
          }
        }
      }
    }
    return []
  }

  /// Sums of double precision: products of a pixel and a small whole number are exact there, so that
  /// nothing is left of pixels that cancel.
  private func nativeReal(
    _ source: ImageView<Float>, _ target: MutableImageView<Float>, _ machine: Machine
  ) {
    let taps = taps, radius = taps / 2, count = target.width
    machine.inBands(of: target.height) { band, workspace in
      let columns = workspace.take(count + 2 * radius, of: Double.self)
      let sums = workspace.take(count, of: Double.self)
      let middle = columns + radius
      source.withRows { pixels in
        for y in band {
          sums.update(repeating: 0, count: count)
          for term in terms {
            middle.update(repeating: 0, count: count)
            for j in 0..<taps where term.column[j] != 0 {
              let weight = Double(term.column[j])
              let line = pixels[Border.reflect101.source(y + j - radius, length: source.height)!]
              for x in 0..<count { middle[x] += weight * Double(line[x]) }
            }
            PaddedRows<Double>.padEnds(columns, radius, count, radius, .reflect101, 0)
            for i in 0..<taps where term.row[i] != 0 {
              let weight = Double(term.row[i])
              for x in 0..<count { sums[x] += weight * columns[x + i] }
            }
          }
          let out = target.row(y)
          for x in 0..<count { out[x] = Float(sums[x]) }
        }
      }
    }
  }

  /// OpenCV adds up in single precision: 1e-5 of what results can span, for pixels of 0 to 255. Of a
  /// window the weights' sum, without signs, is at most so much.
  static let openCVTolerance: @Sendable (String, PixelFormat) -> Tolerance = { settings, format in
    guard format == .f32 else { return .exact }
    let gain = settings.contains("--size 7") ? 2560.0 : settings.contains("--size 5") ? 192 : 32
    return .within(1e-5 * 255 * gain)
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
