import VisionImage
import VisionKernelsABI

/// Rows of a picture of another size. The rows that a row is made of are mixed first, which is done
/// a register at a time; what lies side by side is then fetched from that one row.
struct ResizeLines<P: GreyPixel & FixedWidthInteger> {
  typealias Weigh = (
    UnsafePointer<UnsafeRawPointer>, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>, Int
  ) -> Void
  typealias Mix = (
    UnsafePointer<Float>, UnsafePointer<Int32>, UnsafePointer<Float>, Int,
    UnsafeMutablePointer<Float>, UnsafeMutablePointer<P>, Int
  ) -> Void

  let pixels: PixelRows<P>
  let target: MutableImageView<P>
  let sourceWidth: Int
  let axes: (x: ResizeAxis, y: ResizeAxis)
  let far: FarRows<P>
  let workspace: Workspace

  private var width: Int { target.width }

  /// Asks for the rows that the row after the next is the first to need.
  private func askAhead(of y: Int) {
    func end(_ y: Int) -> Int { axes.y.start(y) + axes.y.taps }
    far.ask(end(y + 1)..<end(y + 2))
  }

  func nearest(_ band: Range<Int>) {
    let places = workspace.take(width, of: Int32.self)
    for x in 0..<width { places[x] = Int32(axes.x.first(x)) }
    for y in band {
      askAhead(of: y)
      let row = pixels[axes.y.first(y)]
      far.write(y) { out in for x in 0..<width { out[x] = row[Int(places[x])] } }
    }
  }

  /// Any weights, in single precision.
  func weighed(_ band: Range<Int>, _ weigh: Weigh, _ mix: Mix) {
    // Weights of places left or right of the picture are zero or those of its last pixels, which
    // the mixed row repeats there.
    let span = (axes.x.taps + 3) & ~3
    let places = workspace.take(width, of: Int32.self)
    let weights = workspace.take(width * span, of: Float.self)
    weights.update(repeating: 0, count: width * span)
    for x in 0..<width {
      let first = axes.x.start(x)
      places[x] = Int32(first + span)
      axes.x.each(x) { i, _, weight in weights[x * span + i] = Float(weight) }
    }
    let line = workspace.take(sourceWidth + 2 * span + 64, of: Float.self)
    let inner = line + span
    let rows = rowsOfSource(), rowWeights = workspace.take(axes.y.taps, of: Float.self)
    let work = workspace.take(256, of: Float.self), out = workspace.take(width, of: P.self)
    for y in band {
      askAhead(of: y)
      var count = 0
      axes.y.each(y) { _, place, weight in
        guard weight != 0 else { return }
        rows.take(place, count)
        rowWeights[count] = Float(weight)
        count += 1
      }
      weigh(rows.pointers, rowWeights, count, inner, sourceWidth)
      (inner - span).update(repeating: inner[0], count: span)
      (inner + sourceWidth).update(repeating: inner[sourceWidth - 1], count: span)
      mix(line, places, weights, span, work, out, width)
      far.put(out, y)
    }
  }

  /// Rows for kernels, which may read a register of them: short ones are copied to where there is
  /// room.
  private func rowsOfSource() -> (
    pointers: UnsafeMutablePointer<UnsafeRawPointer>, take: (_ y: Int, _ index: Int) -> Void
  ) {
    let taps = axes.y.taps
    let pointers = workspace.take(taps, of: UnsafeRawPointer.self)
    let copies = workspace.take(taps * 128, of: P.self)
    return (
      pointers,
      { y, index in
        if sourceWidth >= 64 {
          pointers[index] = UnsafeRawPointer(pixels[y])
        } else {
          let copy = copies + 128 * index
          copy.update(from: pixels[y], count: sourceWidth)
          pointers[index] = UnsafeRawPointer(copy)
        }
      }
    )
  }
}

extension ResizeLines<UInt8> {
  /// Two neighbours each way, in whole numbers: mixed rows in 1/128 of a level, parts of 1/16384.
  func linear(_ band: Range<Int>, _ kernels: kernel_table) {
    let places = workspace.take(width, of: Int32.self)
    let parts = workspace.take(width, of: UInt32.self)
    func lower(_ weight: Double) -> Int { Int((weight * 16384).rounded()) }
    for x in 0..<width {
      axes.x.each(x) { i, place, weight in
        if i == 0 {
          places[x] = Int32(place)
        } else {
          parts[x] = UInt32(16384 - lower(weight)) | UInt32(lower(weight)) << 16
        }
      }
    }
    let line = workspace.take(sourceWidth + 1, of: Int16.self)
    let work = workspace.take(256, of: UInt32.self), out = workspace.take(width, of: UInt8.self)
    let rows = rowsOfSource()
    for y in band {
      askAhead(of: y)
      var part = 0
      axes.y.each(y) { i, place, weight in
        rows.take(place, i)
        if i == 1 { part = lower(weight) }
      }
      kernels.place.mix_levels8(
        rows.pointers[0].assumingMemoryBound(to: UInt8.self),
        rows.pointers[1].assumingMemoryBound(to: UInt8.self), line, sourceWidth,
        Int16(16384 - part), Int16(part))
      // The pair of the last pixel has no second one; its part is nothing.
      line[sourceWidth] = 0
      kernels.place.mix_pairs8(line, places, parts, out, width, work)
      far.put(out, y)
    }
  }
}
