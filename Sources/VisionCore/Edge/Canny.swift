import Configuration
import VisionImage

/// Edges one pixel wide (Canny 1986): the crests of |Sobel x| + |Sobel y| above `low` that hang
/// together with one above `high`. 255 on edges, else 0.
public struct Canny: Operator {
  public var low: Double
  public var high: Double

  public init(low: Double, high: Double) {
    self.low = min(low, high)
    self.high = max(low, high)
  }

  public static let descriptor = OperatorDescriptor(
    name: "canny", summary: "edges one pixel wide, by steepness and connection",
    parameters: [
      Parameter("low", .real(0...32767), "steepness that may go on an edge"),
      Parameter("high", .real(0...32767), "steepness that makes an edge"),
      Parameter("size", .choice(["3"]), default: "3", "the window of the derivative"),
    ],
    formats: [.u8], tolerance: .exact,
    conformanceCases: ["--low 100 --high 200", "--low 0 --high 0", "--low 300 --high 40.5"],
    benchmarkCases: [BenchmarkCase("canny", "--low 50 --high 150")])

  public init(_ values: ParameterValues) {
    self.init(low: values.real("low"), high: values.real("high"))
  }

  public var openCVParameters: [Double] { [low, high] }

  private var levels: (low: Int, high: Int) {
    (Int(low.rounded(.down)), Int(high.rounded(.down)))
  }

  // MARK: The definition

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    let width = source.width, height = source.height
    var slopes: [(Double, Double)] = []
    for y in 0..<height {
      for x in 0..<width { slopes.append(Gradient.sobel(source, x, y, .replicate)) }
    }
    func steepness(_ x: Int, _ y: Int) -> Int {
      guard (0..<width).contains(x), (0..<height).contains(y) else { return 0 }
      let (dx, dy) = slopes[y * width + x]
      return Int(abs(dx) + abs(dy))
    }
    func isCrest(_ x: Int, _ y: Int) -> Bool {
      let (dx, dy) = slopes[y * width + x]
      let here = steepness(x, y)
      // tan 22.5 degrees in 15-bit parts; tan 67.5 is 2 more.
      let tangent = Int(abs(dx)) * 13573
      let rise = Int(abs(dy)) << 15
      if rise < tangent { return here > steepness(x - 1, y) && here >= steepness(x + 1, y) }
      if rise > tangent + Int(abs(dx)) << 16 {
        return here > steepness(x, y - 1) && here >= steepness(x, y + 1)
      }
      let side = (dx < 0) != (dy < 0) ? -1 : 1
      return here > steepness(x - side, y - 1) && here > steepness(x + side, y + 1)
    }
    let crests = (0..<width * height).map { i in
      steepness(i % width, i / width) > levels.low && isCrest(i % width, i / width)
    }
    var isEdge = [Bool](repeating: false, count: width * height)
    var open = crests.indices.filter {
      crests[$0] && steepness($0 % width, $0 / width) > levels.high
    }
    for i in open { isEdge[i] = true }
    while let i = open.popLast() {
      for (x, y) in Self.neighbours(i % width, i / width, width, height) {
        let j = y * width + x
        if crests[j] && !isEdge[j] {
          isEdge[j] = true
          open.append(j)
        }
      }
    }
    output!.pixels(as: UInt8.self).fill { x, y in isEdge[y * width + x] ? 255 : 0 }
    return []
  }

  private static func neighbours(_ x: Int, _ y: Int, _ width: Int, _ height: Int) -> [(Int, Int)] {
    (max(0, y - 1)...min(height - 1, y + 1)).flatMap { v in
      (max(0, x - 1)...min(width - 1, x + 1)).map { ($0, v) }
    }
  }

  // MARK: The fast one

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    guard let source = ImageView<UInt8>(inputs.first) else { return [] }
    let target = output!.pixels(as: UInt8.self)
    let width = source.width, height = source.height
    machine.workspace.scope { workspace in
      // States of all pixels, with a border of one that is never an edge.
      let stride = width + 2
      let states = workspace.take(stride * (height + 2) + 64, of: UInt8.self)
      states.update(repeating: 0, count: stride)
      (states + (height + 1) * stride).update(repeating: 0, count: stride)
      machine.inBands(of: height) { findCrests(source, states, stride, $0, machine, $1) }
      // Every band by itself, then from band to band.
      let field = EdgeStates(states: states, stride: stride)
      machine.inBands(of: height) { field.connect(rows: $0, $1) }
      for part in 1..<max(2, machine.bands(of: height)) {
        field.connect(across: height * part / machine.bands(of: height), of: height, workspace)
      }
      machine.inBands(of: height) { band, _ in
        for y in band {
          machine.kernels.point.threshold8(
            states + (y + 1) * stride + 1, target.row(y), width, 0, 1, 255)
        }
      }
    }
    return []
  }

  private func findCrests(
    _ source: ImageView<UInt8>, _ states: UnsafeMutablePointer<UInt8>, _ stride: Int,
    _ band: Range<Int>, _ machine: Machine, _ workspace: Workspace
  ) {
    let width = source.width, height = source.height
    let low = UInt16(min(levels.low, 32767)), high = UInt16(min(levels.high, 32767))
    let rows = SobelRows(source, border: .replicate, machine, workspace)
    // Three rows of each, in a ring; sums have a column of zeros on either side.
    let room = width + 128
    let dx = workspace.take(3 * room, of: Int16.self)
    let dy = workspace.take(3 * room, of: Int16.self)
    let sums = workspace.take(3 * room, of: UInt16.self)
    let zeros = workspace.take(room, of: UInt16.self)
    let line = workspace.take(room, of: UInt8.self)
    zeros.update(repeating: 0, count: room)
    source.withRows { pixels in
      func enter(_ y: Int) {
        let slot = y % 3 * room
        rows.fill(y, pixels)
        machine.kernels.derivative.sobel_window(
          rows.smooth, rows.slope, dx + slot, dy + slot, sums + slot + 1, width)
        sums[slot] = 0
        sums[slot + width + 1] = 0
      }
      for y in max(0, band.lowerBound - 1)...band.lowerBound { enter(y) }
      for y in band {
        if y + 1 < height { enter(y + 1) }
        let slot = y % 3 * room
        machine.kernels.derivative.suppress(
          dx + slot, dy + slot, y > 0 ? sums + (y - 1) % 3 * room : zeros, sums + slot,
          y + 1 < height ? sums + (y + 1) % 3 * room : zeros, line, width, low, high)
        let row = states + (y + 1) * stride
        row[0] = 0
        (row + 1).update(from: line, count: width)
        row[width + 1] = 0
      }
    }
  }
}

/// 0 no edge, 1 an edge if it hangs together with a certain one, 2 an edge; a border of one pixel that is
/// never an edge lies around the picture.
private struct EdgeStates {
  let states: UnsafeMutablePointer<UInt8>
  let stride: Int

  private func places(_ rows: Range<Int>) -> Range<Int> {
    (rows.lowerBound + 1) * stride..<(rows.upperBound + 1) * stride
  }

  /// From certain edges of these rows on to all that hang together with them there.
  func connect(rows: Range<Int>, _ workspace: Workspace) {
    let places = places(rows), twos: UInt64 = 0x0202_0202_0202_0202
    var flood = Flood(self, within: places, workspace)
    var place = places.lowerBound
    // What follows belongs to another band, which may be at work on it.
    while place + 8 <= places.upperBound {
      let word = UnsafeRawPointer(states + place).loadUnaligned(as: UInt64.self)
      if word & twos != 0 {
        for i in place..<place + 8 where states[i] == 2 { flood.spread(from: i) }
      }
      place += 8
    }
    for i in place..<places.upperBound where states[i] == 2 { flood.spread(from: i) }
  }

  /// From certain edges of the two rows at a boundary between bands on to all of the picture.
  func connect(across row: Int, of height: Int, _ workspace: Workspace) {
    guard row > 0, row < height else { return }
    workspace.scope { workspace in
      var flood = Flood(self, within: places(0..<height), workspace)
      for place in places(row - 1..<row + 1) where states[place] == 2 { flood.spread(from: place) }
    }
  }

  private struct Flood {
    private let states: UnsafeMutablePointer<UInt8>
    private let stride: Int
    private let places: Range<Int>
    private let open: UnsafeMutablePointer<Int32>
    private var count = 0

    init(_ field: EdgeStates, within places: Range<Int>, _ workspace: Workspace) {
      states = field.states
      stride = field.stride
      self.places = places
      // Every pixel is pushed once at most; what was never touched costs nothing.
      open = workspace.take(places.count, of: Int32.self)
    }

    mutating func spread(from place: Int) {
      visitAround(place)
      while count > 0 {
        count -= 1
        visitAround(Int(open[count]))
      }
    }

    @inline(__always)
    private mutating func visit(_ place: Int) {
      if places.contains(place), states[place] == 1 {
        states[place] = 2
        open[count] = Int32(place)
        count += 1
      }
    }

    @inline(__always)
    private mutating func visitAround(_ place: Int) {
      var row = place - stride
      for _ in 0..<3 {
        visit(row - 1)
        visit(row)
        visit(row + 1)
        row += stride
      }
    }
  }
}
