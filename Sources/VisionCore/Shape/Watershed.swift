import Configuration
import VisionImage

/// Floods the picture from the markers, lowest first (Beucher and Lantuejoul 1979); where two
/// floods meet each keeps what it has. Four neighbours; 16-bit labels out.
///
/// Pixels of one level are flooded in the order in which they were reached; the markers' own pixels
/// in the order of a binary heap filled row by row. So the result is the same as scikit-image's to
/// the last pixel.
public struct Watershed: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "watershed", summary: "flood the picture from markers; labels out",
    parameters: [], inputs: 2, formats: [.u8, .u16], tolerance: .exact, content: .markers,
    conformanceCases: [""], benchmarkCases: [BenchmarkCase("watershed", "")], hasOpenCV: false)

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    RasterLayout(format: .u16, width: inputs[0].width, height: inputs[0].height)
  }

  private struct Front: Comparable {
    let level: UInt16
    let age: Int32
    let place: Int32
    static func < (a: Front, b: Front) -> Bool {
      a.level != b.level ? a.level < b.level : a.age < b.age
    }
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ image: ImageView<P>, _ markers: ImageView<P>?) {
      let width = image.width, height = image.height
      var labels = [UInt16](repeating: 0, count: width * height)
      var heap: [Front] = []
      func push(_ front: Front) {
        heap.append(front)
        var child = heap.count - 1
        while child > 0 {
          let parent = (child + 1) / 2 - 1
          guard heap[child] < heap[parent] else { break }
          heap.swapAt(child, parent)
          child = parent
        }
      }
      func pop() -> Front {
        let first = heap[0]
        heap[0] = heap[heap.count - 1]
        heap.removeLast()
        var i = 0
        while true {
          var least = i
          if 2 * i + 1 < heap.count, heap[2 * i + 1] < heap[i] { least = 2 * i + 1 }
          if 2 * i + 2 < heap.count, heap[2 * i + 2] < heap[least] { least = 2 * i + 2 }
          if least == i { return first }
          heap.swapAt(i, least)
          i = least
        }
      }
      for y in 0..<height {
        for x in 0..<width where markers![x, y] != 0 {
          labels[y * width + x] = UInt16(markers![x, y])
          push(Front(level: UInt16(image[x, y]), age: 0, place: Int32(y * width + x)))
        }
      }
      var age: Int32 = 1
      while !heap.isEmpty {
        let front = pop()
        let i = Int(front.place)
        for (dx, dy) in [(0, -1), (-1, 0), (1, 0), (0, 1)] {
          let x = i % width + dx, y = i / width + dy
          guard x >= 0, y >= 0, x < width, y < height, labels[y * width + x] == 0 else { continue }
          labels[y * width + x] = labels[i]
          age += 1
          // A flood that has risen does not fall again.
          let level = max(UInt16(image[x, y]), front.level)
          push(Front(level: level, age: age, place: Int32(y * width + x)))
        }
      }
      output!.pixels(as: UInt16.self).fill { x, y in Double(labels[y * width + x]) }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  /// The same heap in flat memory: level and age are one number, so that a comparison is one
  /// instruction.
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    func run<P: GreyPixel & FixedWidthInteger>(_ image: ImageView<P>, _ markers: ImageView<P>?) {
      let target = output!.pixels(as: UInt16.self)
      machine.workspace.scope { workspace in
        image.withRows { pixels in
          markers!.withRows { seeds in
            Flood<P>(pixels, seeds, target, workspace).run()
          }
        }
      }
    }
    inputs.asUnsigned(u8: run, u16: run)
    return []
  }
}

/// The flood with a heap of numbers in memory of the workspace.
private struct Flood<P: GreyPixel & FixedWidthInteger> {
  private let pixels: PixelRows<P>
  private let seeds: PixelRows<P>
  private let target: MutableImageView<UInt16>
  /// Level, age and place of a front, compared as one number but for the place: 16, 32 bits.
  private let keys: UnsafeMutablePointer<UInt64>
  private let places: UnsafeMutablePointer<Int32>

  init(
    _ pixels: PixelRows<P>, _ seeds: PixelRows<P>, _ target: MutableImageView<UInt16>,
    _ workspace: Workspace
  ) {
    self.pixels = pixels
    self.seeds = seeds
    self.target = target
    keys = workspace.take(target.width * target.height, of: UInt64.self)
    places = workspace.take(target.width * target.height, of: Int32.self)
  }

  func run() {
    let width = target.width, height = target.height
    var count = 0
    var age: UInt64 = 1
    func push(_ x: Int, _ y: Int, _ age: UInt64, over level: UInt64) {
      let key = max(UInt64(pixels[y][x]), level) << 32 | age
      var child = count
      count += 1
      while child > 0 {
        let parent = (child + 1) / 2 - 1
        guard key < keys[parent] else { break }
        keys[child] = keys[parent]
        places[child] = places[parent]
        child = parent
      }
      keys[child] = key
      places[child] = Int32(y * width + x)
    }
    func pop() -> (place: Int, level: UInt64) {
      let first = (Int(places[0]), keys[0] >> 32)
      count -= 1
      let key = keys[count], place = places[count]
      var i = 0
      while true {
        let left = 2 * i + 1
        guard left < count else { break }
        // The right one only where it is less than both, the left one where it is less than this.
        var least = i
        var leastKey = key
        if keys[left] < leastKey {
          least = left
          leastKey = keys[left]
        }
        if left + 1 < count, keys[left + 1] < leastKey { least = left + 1 }
        if least == i { break }
        keys[i] = keys[least]
        places[i] = places[least]
        i = least
      }
      keys[i] = key
      places[i] = place
      return first
    }
    for y in 0..<height {
      for x in 0..<width {
        target.row(y)[x] = UInt16(seeds[y][x])
        if seeds[y][x] != 0 { push(x, y, 0, over: 0) }
      }
    }
    func reach(_ x: Int, _ y: Int, _ label: UInt16, _ level: UInt64) {
      guard target.row(y)[x] == 0 else { return }
      target.row(y)[x] = label
      age += 1
      push(x, y, age, over: level)
    }
    while count > 0 {
      let (place, level) = pop()
      let x = place % width, y = place / width
      let label = target.row(y)[x]
      if y > 0 { reach(x, y - 1, label, level) }
      if x > 0 { reach(x - 1, y, label, level) }
      if x < width - 1 { reach(x + 1, y, label, level) }
      if y < height - 1 { reach(x, y + 1, label, level) }
    }
  }
}
