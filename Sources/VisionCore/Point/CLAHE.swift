import Configuration
import VisionImage

/// Equalising tile by tile with limited contrast (Zuiderveld 1994); between the tiles' middles their
/// tables are mixed.
public struct CLAHE: Operator {
  public var clip: Double
  public var columns: Int
  public var rows: Int

  /// A `clip` of 0 does not limit.
  public init(clip: Double, columns: Int, rows: Int) {
    precondition((1...256).contains(columns) && (1...256).contains(rows), "\(columns)x\(rows) tiles")
    self.clip = clip
    self.columns = columns
    self.rows = rows
  }

  public static let descriptor = OperatorDescriptor(
    name: "clahe", summary: "equalise tile by tile, with limited contrast",
    parameters: [
      Parameter("clip", .real(0...65535), default: 40, "how much a level may gain; 0: no limit"),
      Parameter("tiles", .size(1...256), default: 8, "tiles across and down"),
    ],
    formats: [.u8, .u16], tolerance: .levels(1),
    conformanceCases: ["--clip 2 --tiles 3x2", "--clip 0 --tiles 2", "--tiles 1"],
    benchmarkCases: [BenchmarkCase("clahe", "--clip 2")])

  public init(_ values: ParameterValues) {
    let tiles = values.size("tiles")
    self.init(clip: values.real("clip"), columns: tiles.width, rows: tiles.height)
  }

  public var openCVParameters: [Double] { [clip, Double(columns), Double(rows)] }

  // MARK: Tables

  /// Tiles have one size; where the picture does not divide, it goes on mirrored to the right and
  /// below.
  private func tileSize(_ width: Int, _ height: Int) -> (width: Int, height: Int) {
    if width % columns == 0 && height % rows == 0 { return (width / columns, height / rows) }
    // As OpenCV: where one side does not divide, a whole tile's rest is added to both.
    return (
      (width + columns - width % columns) / columns, (height + rows - height % rows) / rows
    )
  }

  /// The new level of every level of a tile, from its counts, which are changed.
  private func table<P: GreyPixel & FixedWidthInteger>(
    _ counts: UnsafeMutablePointer<UInt32>, _ area: Int, _ out: UnsafeMutablePointer<P>
  ) {
    let levels = Int(P.max) + 1
    if clip > 0 {
      let limit = UInt32(max(1, Int(clip * Double(area) / Double(levels))))
      var clipped = 0
      for i in 0..<levels where counts[i] > limit {
        clipped += Int(counts[i] - limit)
        counts[i] = limit
      }
      let share = UInt32(clipped / levels)
      var rest = clipped - Int(share) * levels
      for i in 0..<levels { counts[i] += share }
      if rest > 0 {
        let step = max(levels / rest, 1)
        var i = 0
        while i < levels && rest > 0 {
          counts[i] += 1
          i += step
          rest -= 1
        }
      }
    }
    let scale = Float(levels - 1) / Float(area)
    var sum = 0
    for i in 0..<levels {
      sum += Int(counts[i])
      out[i] = P(saturating: Double(Float(sum) * scale))
    }
  }

  /// The table of every tile, one behind the other.
  private func tables<P: GreyPixel & FixedWidthInteger>(
    _ source: ImageView<P>, _ out: UnsafeMutablePointer<P>,
    count: (_ row: UnsafePointer<P>, _ pixels: Int, _ counts: UnsafeMutablePointer<UInt32>) -> Void,
    _ workspace: Workspace
  ) {
    let tile = tileSize(source.width, source.height)
    let levels = Int(P.max) + 1
    let counts = workspace.take(max(levels, 1024), of: UInt32.self)
    source.withRows { pixels in
      for j in 0..<rows {
        for i in 0..<columns {
          counts.update(repeating: 0, count: max(levels, 1024))
          for y in j * tile.height..<(j + 1) * tile.height {
            let row = pixels[Border.reflect101.source(y, length: source.height)!]
            let begin = i * tile.width, end = begin + tile.width
            let inside = min(end, source.width)
            if begin < inside { count(row + begin, inside - begin, counts) }
            for x in max(begin, inside)..<end {
              counts[Int(row[Border.reflect101.source(x, length: source.width)!])] += 1
            }
          }
          if levels == 256 {
            for i in 0..<256 { counts[i] += counts[256 + i] + counts[512 + i] + counts[768 + i] }
          }
          table(counts, tile.width * tile.height, out + (j * columns + i) * levels)
        }
      }
    }
  }

  /// Between which two tiles a column (or row) lies, and how far along.
  private static func place(_ x: Int, _ tile: Int, _ tiles: Int) -> (Int, Int, Float) {
    let position = Float(x) * (1 / Float(tile)) - 0.5
    let whole = position.rounded(.down)
    let first = Int(whole)
    return (max(first, 0), min(first + 1, tiles - 1), position - whole)
  }

  // MARK: The definition

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      let levels = Int(P.max) + 1
      let workspace = Workspace()
      let tables = workspace.take(rows * columns * levels, of: P.self)
      self.tables(
        source, tables, count: { row, count, counts in for i in 0..<count { counts[Int(row[i])] += 1 } },
        workspace)
      let tile = tileSize(source.width, source.height)
      output!.pixels(as: P.self).fill { x, y in
        let (left, right, a) = Self.place(x, tile.width, columns)
        let (above, below, b) = Self.place(y, tile.height, rows)
        let level = Int(source[x, y])
        func look(_ i: Int, _ j: Int) -> Double { tables[(j * columns + i) * levels + level].real }
        let upper = look(left, above) * Double(1 - a) + look(right, above) * Double(a)
        let lower = look(left, below) * Double(1 - a) + look(right, below) * Double(a)
        return upper * Double(1 - b) + lower * Double(b)
      }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  // MARK: The fast one

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    inputs.asUnsigned(
      u8: { s, _ in native8(s, output!.pixels(as: UInt8.self), machine) },
      u16: { s, _ in native16(s, output!.pixels(as: UInt16.self), machine) })
    return []
  }

  /// For every row the tables above and below are mixed first, for all levels and neighbouring
  /// tiles at once: a few thousand numbers. What is left for a pixel is one look-up of two of these
  /// and their mean.
  private func native8(
    _ source: ImageView<UInt8>, _ target: MutableImageView<UInt8>, _ machine: Machine
  ) {
    let kernels = machine.kernels
    let tile = tileSize(source.width, source.height)
    let width = source.width
    machine.workspace.scope { workspace in
      let tables = workspace.take(rows * columns * 256, of: UInt8.self)
      self.tables(source, tables, count: { kernels.measure.histogram8($0, $1, $2) }, workspace)
      // Cells: between the middles of two neighbouring tiles, and half a tile at either end.
      let cells = columns + 1
      let weights = workspace.take(width, of: UInt32.self)
      let begins = workspace.take(cells + 1, of: Int.self)
      for cell in 0...cells { begins[cell] = width }
      for x in (0..<width).reversed() {
        let position = Float(x) * (1 / Float(tile.width)) - 0.5
        let whole = position.rounded(.down)
        let part = UInt32(((position - whole) * 256).rounded())
        weights[x] = (256 - part) | part << 16
        begins[min(Int(whole) + 1, columns)] = x
      }
      for cell in (0..<cells).reversed() where begins[cell] > begins[cell + 1] {
        begins[cell] = begins[cell + 1]
      }
      machine.inBands(of: target.height) { band, workspace in
        let mixed = workspace.take(columns * 256, of: Int16.self)
        let pairs = workspace.take(cells * 256, of: UInt32.self)
        let entries = workspace.take(width, of: UInt32.self)
        let out = workspace.take(width, of: UInt8.self)
        source.withRows { pixels in
          for y in band {
            let (above, below, part) = Self.place(y, tile.height, rows)
            // The kernel takes 16384 parts and leaves 128.
            let lower = Int16((part * 128).rounded()) * 128
            kernels.place.mix_levels8(
              tables + above * columns * 256, tables + below * columns * 256, mixed, columns * 256,
              16384 - lower, lower)
            let last = (columns - 1) * 256
            kernels.level.join_pairs(mixed, mixed, pairs, 256)
            kernels.level.join_pairs(mixed, mixed + 256, pairs + 256, last)
            kernels.level.join_pairs(mixed + last, mixed + last, pairs + 256 + last, 256)
            for cell in 0..<cells {
              let begin = begins[cell]
              kernels.level.fetch8(
                pixels[y] + begin, entries + begin, begins[cell + 1] - begin, pairs + cell * 256)
            }
            kernels.level.mix_pairs8(entries, weights, out, width)
            target.row(y).update(from: out, count: width)
          }
        }
      }
    }
  }

  private func native16(
    _ source: ImageView<UInt16>, _ target: MutableImageView<UInt16>, _ machine: Machine
  ) {
    let tile = tileSize(source.width, source.height)
    machine.workspace.scope { workspace in
      let tables = workspace.take(rows * columns * 65536, of: UInt16.self)
      self.tables(
        source, tables, count: { machine.kernels.measure.histogram16($0, $1, $2) }, workspace)
      machine.inBands(of: target.height) { band, _ in
        source.withRows { pixels in
          for y in band {
            let (above, below, b) = Self.place(y, tile.height, rows)
            let upper = tables + above * columns * 65536, lower = tables + below * columns * 65536
            let row = pixels[y], out = target.row(y)
            for x in 0..<target.width {
              let (left, right, a) = Self.place(x, tile.width, columns)
              let level = Int(row[x])
              let l = left * 65536 + level, r = right * 65536 + level
              let first = Float(upper[l]) * (1 - a) + Float(upper[r]) * a
              let second = Float(lower[l]) * (1 - a) + Float(lower[r]) * a
              out[x] = UInt16(first * (1 - b) + second * b + 0.5)
            }
          }
        }
      }
    }
  }
}
