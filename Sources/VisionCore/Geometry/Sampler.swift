import VisionImage
import VisionKernelsABI

/// How pixels at places between pixels are found.
public enum Interpolation: String, Sendable, CaseIterable {
  case nearest, linear, cubic

  /// OpenCV's number.
  var openCVCode: Double { Double(Self.allCases.firstIndex(of: self)!) }
}

/// The pixel of an image at any real place. Outside the image its border counts.
struct Sampler<P: GreyPixel> {
  let rows: PixelRows<P>
  let width: Int
  let height: Int
  let method: Interpolation
  let border: Border
  /// The pixel where nothing is near; nil where something always is.
  private let outside: P?

  init(_ rows: PixelRows<P>, _ layout: RasterLayout, _ method: Interpolation, _ border: Border) {
    outside = if case .constant(let value) = border { P(saturating: value) } else { nil }
    self.rows = rows
    width = layout.width
    height = layout.height
    self.method = method
    self.border = border
  }

  private func pixel(_ x: Int, _ y: Int) -> Double {
    if x >= 0 && y >= 0 && x < width && y < height { return rows[y][x].real }
    if case .constant(let value) = border { return value }
    return rows[border.source(y, length: height)!][border.source(x, length: width)!].real
  }

  /// The value there, not rounded. Right everywhere, and slow.
  func value(_ x: Double, _ y: Double) -> Double {
    // What is further away than this sees only the border, whatever the numbers are.
    let x = limited(x, width), y = limited(y, height)
    switch method {
    case .nearest:
      return pixel(Int((x + 0.5).rounded(.down)), Int((y + 0.5).rounded(.down)))
    case .linear:
      let i = Int(x.rounded(.down)), j = Int(y.rounded(.down))
      let fx = x - Double(i), fy = y - Double(j)
      let upper = pixel(i, j) * (1 - fx) + pixel(i + 1, j) * fx
      let lower = pixel(i, j + 1) * (1 - fx) + pixel(i + 1, j + 1) * fx
      return upper * (1 - fy) + lower * fy
    case .cubic:
      let i = Int(x.rounded(.down)), j = Int(y.rounded(.down))
      let u = cubicWeights(x - Double(i)), v = cubicWeights(y - Double(j))
      func line(_ j: Int) -> Double {
        pixel(i - 1, j) * u.0 + pixel(i, j) * u.1 + pixel(i + 1, j) * u.2 + pixel(i + 2, j) * u.3
      }
      return line(j - 1) * v.0 + line(j) * v.1 + line(j + 1) * v.2 + line(j + 2) * v.3
    }
  }

  private func limited(_ x: Double, _ length: Int) -> Double {
    let far = Double(length) + 8
    return x > -8 ? (x < far ? x : far) : -8  // what is not a number too
  }

  /// The pixels at as many places; the places' rows are padded.
  func fill(
    _ out: UnsafeMutablePointer<P>, _ xs: UnsafePointer<Float>, _ ys: UnsafePointer<Float>,
    _ count: Int, _ work: SamplerWork, _ machine: Machine
  ) {
    switch method {
    case .nearest:
      let right = Float(width) - 0.5, bottom = Float(height) - 0.5
      for i in 0..<count {
        let x = xs[i], y = ys[i]
        if x >= -0.5 && y >= -0.5 && x < right && y < bottom {
          out[i] = rows[Int(y + 0.5)][Int(x + 0.5)]
        } else {
          out[i] = slow(x, y)
        }
      }
    case .linear, .cubic:
      fillInside(out, xs, ys, count, work, machine)
      for block in 0..<(count + 15) / 16 where work.flags[block] != 0 {
        for i in block * 16..<min(count, block * 16 + 16) { out[i] = slow(xs[i], ys[i]) }
      }
    }
  }

  /// The pixel where the fast code does not apply; what sees nothing but a constant is quick.
  private func slow(_ x: Float, _ y: Float) -> P {
    if let outside, !(x > -3 && y > -3 && x < Float(width + 2) && y < Float(height + 2)) {
      return outside
    }
    return P(saturating: value(Double(x), Double(y)))
  }

  /// The places that have all their neighbours inside; what is left out is flagged, 16 by 16.
  private func fillInside(
    _ out: UnsafeMutablePointer<P>, _ xs: UnsafePointer<Float>, _ ys: UnsafePointer<Float>,
    _ count: Int, _ work: SamplerWork, _ machine: Machine
  ) {
    let kernels = machine.kernels.place
    let base = rows.base.assumingMemoryBound(to: UInt8.self)
    // Places are told in 32 bits.
    guard rows.rowBytes * height <= Int(Int32.max) else {
      work.flags.update(repeating: 1, count: count)
      return
    }
    if MemoryLayout<P>.stride == 1 {
      let sample = method == .linear ? kernels.sample_linear8 : kernels.sample_cubic8
      sample(
        base, rows.rowBytes, width, height, xs, ys,
        UnsafeMutableRawPointer(out).assumingMemoryBound(to: UInt8.self), count, work.flags, work.numbers)
    } else {
      let sample = method == .linear ? kernels.sample_linear16 : kernels.sample_cubic16
      sample(
        base, rows.rowBytes, width, height, xs, ys,
        UnsafeMutableRawPointer(out).assumingMemoryBound(to: UInt16.self), count, work.flags, work.numbers)
    }
  }
}

/// Scratch for a row of places.
struct SamplerWork {
  let flags: UnsafeMutablePointer<UInt8>
  let numbers: UnsafeMutablePointer<UInt32>

  init(_ count: Int, _ workspace: Workspace) {
    flags = workspace.take(count, of: UInt8.self)
    numbers = workspace.take(1024, of: UInt32.self)
  }
}

/// A picture made of another by saying for each of its pixels where it comes from.
protocol PlaceMap: Operator {
  var method: Interpolation { get }
  var border: Border { get }
  /// Where the pixel comes from, as exactly as can be told.
  func source(_ x: Int, _ y: Int) -> (x: Double, y: Double)
  /// The same for a row of pixels, in single precision.
  func sources(ofRow y: Int, into places: PlaceRow)
}

/// Where the pixels of a row come from, in padded rows of single precision.
struct PlaceRow {
  let count: Int
  let xs: UnsafeMutablePointer<Float>
  let ys: UnsafeMutablePointer<Float>
  /// A third row, for what is divided by.
  let scratch: UnsafeMutablePointer<Float>
  let kernels: place_kernels

  init(_ count: Int, _ machine: Machine, _ workspace: Workspace) {
    self.count = count
    xs = workspace.take(count, of: Float.self)
    ys = workspace.take(count, of: Float.self)
    scratch = workspace.take(count, of: Float.self)
    kernels = machine.kernels.place
    // Past the row the places are read too.
    xs.update(repeating: 0, count: count + 32)
    ys.update(repeating: 0, count: count + 32)
  }

  /// row[x] = start + step x, started anew from the exact number every 256 pixels.
  func ramp(_ row: UnsafeMutablePointer<Float>, start: Double, step: Double) {
    for begin in Swift.stride(from: 0, to: count, by: 256) {
      kernels.ramp(
        row + begin, min(256, count - begin), Float(start + step * Double(begin)), Float(step))
    }
  }
}

extension PlaceMap {
  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel>(_ source: ImageView<P>, _: ImageView<P>?) {
      source.withRows { rows in
        let sampler = Sampler(rows, source.raster.layout, method, border)
        output!.pixels(as: P.self).fill { x, y in
          let place = self.source(x, y)
          return sampler.value(place.x, place.y)
        }
      }
    }
    inputs.asGrey(u8: define, u16: define, f32: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    func run<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      let target = output!.pixels(as: P.self)
      let count = target.width
      machine.inBands(of: target.height) { band, workspace in
        let places = PlaceRow(count, machine, workspace)
        let work = SamplerWork(count, workspace)
        let out = workspace.take(count, of: P.self)
        source.withRows { rows in
          let sampler = Sampler(rows, source.raster.layout, method, border)
          for y in band {
            sources(ofRow: y, into: places)
            sampler.fill(out, places.xs, places.ys, count, work, machine)
            target.row(y).update(from: out, count: count)
          }
        }
      }
    }
    /// Places and sums as exact as the definition has them, pixel by pixel.
    func runReal(_ source: ImageView<Float>, _: ImageView<Float>?) {
      let target = output!.pixels(as: Float.self)
      machine.inBands(of: target.height) { band, _ in
        source.withRows { rows in
          let sampler = Sampler(rows, source.raster.layout, method, border)
          for y in band {
            let out = target.row(y)
            for x in 0..<target.width {
              let place = self.source(x, y)
              out[x] = Float(sampler.value(place.x, place.y))
            }
          }
        }
      }
    }
    inputs.asGrey(u8: run, u16: run, f32: runReal)
    return []
  }

  func sources(ofRow y: Int, into places: PlaceRow) {
    for x in 0..<places.count {
      let place = source(x, y)
      places.xs[x] = Float(place.x)
      places.ys[x] = Float(place.y)
    }
  }
}
