import VisionImage

/// What makes rows of a picture from rows of another, ready for pictures of one layout.
protocol RowStage {
  var reach: Int { get }
  var output: RasterLayout { get }
  /// Makes the rows of the target that the machine is limited to. `first` is the row of the whole
  /// picture that stands in row 0 of the source and of the target.
  func fill(_ rows: Range<Int>, of target: MutableRasterView, from source: RasterView, first: Int, on machine: Machine)
}

/// An operator that makes rows by itself.
struct OperatorStage: RowStage {
  let op: any RowOperator
  let second: RasterView?
  let reach: Int
  let output: RasterLayout

  func fill(
    _ rows: Range<Int>, of target: MutableRasterView, from source: RasterView, first: Int,
    on machine: Machine
  ) {
    let second = second.map {
      $0.cropped(to: PixelRect(x: 0, y: first, width: $0.width, height: source.height))
    }
    machine.limited(to: rows) {
      _ = op.native(OperatorInputs(source, second), into: target, on: machine)
    }
  }
}

/// Operators on single pixels that follow each other, as one table: what they make of every level.
struct LevelStage: RowStage {
  let reach = 0
  let output: RasterLayout
  private let table: Raster

  /// The table is what the operators make of a picture that holds every level once.
  init(_ operators: [any PixelMap], _ layout: RasterLayout, on machine: Machine) {
    output = layout
    let isByte = layout.format == .u8
    var levels =
      isByte
      ? Image<UInt8>(width: 256, height: 1) { x, _ in UInt8(x) }.raster
      : Image<UInt16>(width: 65536, height: 1) { x, _ in UInt16(x) }.raster
    for op in operators {
      var next = levels
      let view = levels.view
      next.withMutableView { _ = op.native(OperatorInputs(view), into: $0, on: machine) }
      levels = next
    }
    table = levels
  }

  /// Whether a table costs less than the operators one by one: a table of 256 is looked up in
  /// registers, one of 65536 only pays where an operator is itself made by one.
  static func pays(_ operators: [any PixelMap], _ format: PixelFormat) -> Bool {
    guard format == .u8 || format == .u16 else { return false }
    return operators.contains { $0 is any LevelMap } || (operators.count > 1 && format == .u8)
  }

  func fill(
    _ rows: Range<Int>, of target: MutableRasterView, from source: RasterView, first: Int,
    on machine: Machine
  ) {
    let kernels = machine.kernels.level
    table.view.withBytes { table in
      source.withBytes { pixels in
        for y in rows {
          let row = pixels + y * source.layout.rowBytes
          let out = target.base + y * target.layout.rowBytes
          if output.format == .u8 {
            kernels.look_up8(
              row.assumingMemoryBound(to: UInt8.self), out.assumingMemoryBound(to: UInt8.self),
              target.width, table.assumingMemoryBound(to: UInt8.self))
          } else {
            kernels.look_up16(
              row.assumingMemoryBound(to: UInt16.self), out.assumingMemoryBound(to: UInt16.self),
              target.width, table.assumingMemoryBound(to: UInt16.self))
          }
        }
      }
    }
  }
}
