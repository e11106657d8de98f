import VisionCore
import VisionImage

/// What the operators are timed on: one picture, and what is made of it for those that need more.
struct BenchmarkPictures {
  let picture: Raster
  /// The picture turned by 180 degrees: the second one of those that take two.
  let turned: Raster
  /// The picture as white on black.
  let binary: Raster
  /// The same; where no picture is given, some thousand spots.
  let blobs: Raster
  /// Some hundred labelled spots.
  let markers: Raster
  /// The picture and the turned one as channels.
  let coloured: Raster

  init(_ picture: Raster) throws {
    try self.init(picture, blobs: nil)
  }

  /// Pictures that are the same on every machine.
  init(renderedWidth width: Int, height: Int) throws {
    try self.init(Self.texture(width, height), blobs: Self.spots(width, height))
  }

  private init(_ picture: Raster, blobs: Raster?) throws {
    self.picture = picture
    turned = Self.turned(picture)
    binary = try Self.binary(picture)
    self.blobs = blobs ?? binary
    markers = Self.markers(picture.layout)
    coloured = Self.coloured(picture, turned)
  }

  func inputs(_ descriptor: OperatorDescriptor) -> OperatorInputs {
    switch descriptor.content {
    case .any where descriptor.formats.allSatisfy(\.isColour): OperatorInputs(coloured.view)
    case .any, .groups: OperatorInputs(picture.view, descriptor.inputs == 2 ? turned.view : nil)
    case .binary: OperatorInputs(binary.view)
    case .blobs: OperatorInputs(blobs.view)
    case .markers: OperatorInputs(picture.view, markers.view)
    }
  }

  /// A picture with large and small structure.
  private static func texture(_ width: Int, _ height: Int) -> Raster {
    var random = SeededRandom(seed: 2448)
    let image = Image<UInt8>(width: width, height: height) { x, y in
      let wave = (x / 37 % 2 == y / 53 % 2 ? 60 : 150) + (x + y) * 40 / (width + height)
      return UInt8(wave + Int(random.next() % 24))
    }
    return image.raster
  }

  /// White discs of 3 to 13 pixels on black, one in every square of 34: some 4300 in five million
  /// pixels.
  private static func spots(_ width: Int, _ height: Int) -> Raster {
    var random = SeededRandom(seed: 4254)
    let discs = (0..<(height / 34 + 1)).map { _ in
      (0..<(width / 34 + 1)).map { _ in
        (x: Int(random.next() % 6) + 14, y: Int(random.next() % 6) + 14,
          radius: Int(random.next() % 11) + 3)
      }
    }
    let image = Image<UInt8>(width: width, height: height) { x, y in
      let disc = discs[y / 34][x / 34]
      let dx = x % 34 - disc.x, dy = y % 34 - disc.y
      return dx * dx + dy * dy <= disc.radius * disc.radius ? 255 : 0
    }
    return image.raster
  }

  /// White where the picture is above its own best threshold.
  private static func binary(_ picture: Raster) throws -> Raster {
    let runner = OperatorRunner(.native, mayUseOpenCV: false)
    return try runner.apply(Otsu(maximum: 255, kind: .binary), to: picture.view).image ?? picture
  }

  private static func markers(_ layout: RasterLayout) -> Raster {
    func spots<P: GreyPixel>(_ type: P.Type) -> Raster {
      Image<P>(width: layout.width, height: layout.height) { x, y in
        x % 150 == 75 && y % 150 == 75
          ? P(saturating: Double((x / 150 + y / 150 * 16) % 250 + 1)) : .zero
      }.raster
    }
    return layout.format == .u16 ? spots(UInt16.self) : spots(UInt8.self)
  }

  /// The picture turned by 180 degrees.
  private static func turned(_ raster: Raster) -> Raster {
    var result = raster
    let bytes = raster.format.pixelBytes
    result.withMutableView { out in
      raster.view.withBytes { pixels in
        for y in 0..<out.height {
          let source = pixels + (out.height - 1 - y) * raster.layout.rowBytes
          for x in 0..<out.width {
            (out.row(y) + x * bytes).copyMemory(
              from: source + (out.width - 1 - x) * bytes, byteCount: bytes)
          }
        }
      }
    }
    return result
  }

  private static func coloured(_ a: Raster, _ b: Raster) -> Raster {
    func join<P: GreyPixel>(_ type: P.Type) -> Raster? {
      guard let p = ImageView<P>(a.view), let q = ImageView<P>(b.view) else { return nil }
      return p.withRows { p in
        q.withRows { q in
          Image<RGB<P>>(width: a.width, height: a.height) { x, y in
            RGB(red: p[y][x], green: q[y][x], blue: p[y][x])
          }.raster
        }
      }
    }
    return join(UInt8.self) ?? join(UInt16.self) ?? a
  }
}
