import CVectors
import VisionKernelsABI

/// The table of the instruction set that this module is compiled for.
public func makeKernelTable() -> kernel_table {
  kernel_table(
    register_bytes: vector_bytes(), compiled_level: vector_level(), memory: memoryKernels,
    point: pointKernels, measure: measureKernels, window: windowKernels, order: orderKernels, level: levelKernels,
    derivative: derivativeKernels, rank: rankKernels, place: placeKernels,
    distance: distanceKernels, run: runKernels, correlate: correlateKernels,
    camera: cameraKernels, colour: colourKernels, plane: planeKernels,
    real: realKernels, pattern: patternKernels)
}

/// Calls `body` for the start of every register of a row; the last one overlaps the one before it
/// where the row does not end with a whole register.
@inline(__always)
func eachRegister(_ count: Int, lanes: Int, _ body: (Int) -> Void) {
  var x = 0
  while x + lanes <= count {
    body(x)
    x += lanes
  }
  if x < count { body(count > lanes ? count - lanes : 0) }
}

/// Calls `body` for the start of every register of a padded row; the last one ends past the row.
@inline(__always)
func eachPaddedRegister(_ count: Int, lanes: Int, _ body: (Int) -> Void) {
  var x = 0
  while x < count {
    body(x)
    x += lanes
  }
}

/// Lanes of a register for elements of so many bytes.
@inline(__always) var lanes8: Int { vector_bytes() }
@inline(__always) var lanes16: Int { vector_bytes() / 2 }
@inline(__always) var lanes32: Int { vector_bytes() / 4 }
