import VisionImage

/// What two engines answered, held against a tolerance: the conformance suite, the self-test and
/// the cross-check of a running line all ask here.
public enum Agreement {
  /// Why two results differ by more than allowed, in one line; nil where they agree.
  public static func disagreement(
    _ a: (image: RasterView?, numbers: [Double]), _ b: (image: RasterView?, numbers: [Double]),
    within tolerance: Tolerance
  ) -> String? {
    if let why = numbers(a.numbers, b.numbers, tolerance) { return why }
    switch (a.image, b.image) {
    case (nil, nil): return nil
    case (let a?, let b?):
      guard a.layout.sameShape(as: b.layout) else { return "\(a.layout) against \(b.layout)" }
      return pixels(a, b, tolerance)
    default: return "one engine made an image, the other did not"
    }
  }

  private static func numbers(_ a: [Double], _ b: [Double], _ tolerance: Tolerance) -> String? {
    guard a.count == b.count else { return "\(a.count) numbers against \(b.count)" }
    let allowed: Double =
      switch tolerance {
      case .relative(let share), .ofRange(let share): share
      default: 1e-12
      }
    for (i, (x, y)) in zip(a, b).enumerated()
    where abs(x - y) > allowed * max(1, abs(x), abs(y)) || x.isNaN != y.isNaN {
      return "number \(i): \(x) against \(y)"
    }
    return nil
  }

  private static func pixels(
    _ a: RasterView, _ b: RasterView, _ tolerance: Tolerance
  ) -> String? {
    let (levels, share): (Double, Double) =
      switch tolerance {
      case .exact: (0, 1)
      case .levels(let levels): (Double(levels), 1)
      case .share(let share, let levels): (Double(levels), share)
      case .relative(let relative): (relative, 1)
      case .within(let most): (most, 1)
      case .ofRange(let part): (part * largest(b), 1)
      }
    var wrong = 0
    var first: String?
    let channels = a.format.channels
    a.withBytes { p in
      b.withBytes { q in
        for y in 0..<a.height {
          for sample in 0..<a.width * channels {
            let x = value(p + y * a.layout.rowBytes, sample, a.format)
            let z = value(q + y * b.layout.rowBytes, sample, b.format)
            if abs(x - z) > levels || x.isNaN != z.isNaN {
              wrong += 1
              if first == nil { first = "\(x) against \(z) at (\(sample / channels), \(y))" }
            }
          }
        }
      }
    }
    let total = a.width * a.height * channels
    // A share of nearly all always allows one pixel, or small images would have to be exact.
    let allowed = share < 1 ? max(1, Int(Double(total) * (1 - share))) : 0
    guard wrong > allowed, let first else { return nil }
    return "\(wrong) of \(total) samples differ by more than \(levels), first \(first)"
  }

  /// The largest pixel, whatever its sign.
  private static func largest(_ view: RasterView) -> Double {
    view.withBytes { pixels in
      var most = 0.0
      for y in 0..<view.height {
        for sample in 0..<view.width * view.format.channels {
          most = max(most, abs(value(pixels + y * view.layout.rowBytes, sample, view.format)))
        }
      }
      return most
    }
  }

  private static func value(
    _ row: UnsafeRawPointer, _ sample: Int, _ format: PixelFormat
  ) -> Double {
    let place = sample * format.sampleBytes
    return switch format {
    case .u8, .rgb8: Double(row.load(fromByteOffset: place, as: UInt8.self))
    case .u16, .rgb16: Double(row.loadUnaligned(fromByteOffset: place, as: UInt16.self))
    case .s16: Double(row.loadUnaligned(fromByteOffset: place, as: Int16.self))
    case .s32: Double(row.loadUnaligned(fromByteOffset: place, as: Int32.self))
    case .f32: Double(row.loadUnaligned(fromByteOffset: place, as: Float.self))
    case .f64: row.loadUnaligned(fromByteOffset: place, as: Double.self)
    }
  }
}
