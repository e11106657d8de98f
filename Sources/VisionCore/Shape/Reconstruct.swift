import Configuration
import VisionImage

/// The first picture grown under the second: dilated (8 neighbours) and cut at the second, again
/// and again until nothing changes. A marker above the mask is cut first.
public struct Reconstruct: Operator {
  public init() {}

  public static let descriptor = OperatorDescriptor(
    name: "reconstruct", summary: "grow the marker under the mask until nothing changes",
    parameters: [], inputs: 2, formats: [.u8, .u16], tolerance: .exact,
    conformanceCases: [""], benchmarkCases: [BenchmarkCase("reconstruct", "")])

  public init(_ values: ParameterValues) { self.init() }
  public var openCVParameters: [Double] { [] }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ marker: ImageView<P>, _ mask: ImageView<P>?) {
      var picture = Image<P>(width: marker.width, height: marker.height) {
        min(marker[$0, $1], mask![$0, $1])
      }
      var changes = true
      while changes {
        let view = picture.view
        let next = Image<P>(width: marker.width, height: marker.height) { x, y in
          var greatest = view[x, y]
          for v in max(0, y - 1)...min(view.height - 1, y + 1) {
            for u in max(0, x - 1)...min(view.width - 1, x + 1) { greatest = max(greatest, view[u, v]) }
          }
          return min(greatest, mask![x, y])
        }
        changes = next != picture
        picture = next
      }
      output!.copyPixels(from: picture.raster.view)
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  /// Vincent 1993: one sweep down, one sweep up, and a queue for what these did not reach.
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    func run<P: GreyPixel & FixedWidthInteger>(_ marker: ImageView<P>, _ second: ImageView<P>?) {
      let width = marker.width, height = marker.height
      let stride = width + 2
      let target = output!.pixels(as: P.self)
      machine.workspace.scope { workspace in
        // Both with a border of zeros: nothing grows there and nothing comes from there.
        let mask = workspace.take(stride * (height + 2), of: P.self)
        let grown = workspace.take(stride * (height + 2), of: P.self)
        mask.update(repeating: 0, count: stride * (height + 2))
        grown.update(repeating: 0, count: stride * (height + 2))
        marker.withRows { p in
          second!.withRows { q in
            for y in 0..<height {
              let place = (y + 1) * stride + 1
              (mask + place).update(from: q[y], count: width)
              for x in 0..<width { grown[place + x] = min(p[y][x], q[y][x]) }
            }
          }
        }
        let queue = workspace.take(stride * (height + 2), of: Int32.self)
        let isQueued = workspace.take(stride * (height + 2), of: Bool.self)
        isQueued.update(repeating: false, count: stride * (height + 2))
        for y in 1...height {
          for x in 1...width {
            let i = y * stride + x
            let above = i - stride
            let greatest = max(
              max(max(grown[i], grown[i - 1]), grown[above - 1]), max(grown[above], grown[above + 1]))
            grown[i] = min(greatest, mask[i])
          }
        }
        let capacity = stride * (height + 2)
        var head = 0, tail = 0, waiting = 0
        func push(_ i: Int) {
          if isQueued[i] { return }
          isQueued[i] = true
          queue[tail] = Int32(i)
          tail = tail + 1 == capacity ? 0 : tail + 1
          waiting += 1
        }
        for y in (1...height).reversed() {
          for x in (1...width).reversed() {
            let i = y * stride + x
            let below = i + stride
            let greatest = max(
              max(max(grown[i], grown[i + 1]), grown[below - 1]), max(grown[below], grown[below + 1]))
            let here = min(greatest, mask[i])
            grown[i] = here
            @inline(__always) func canGrow(_ j: Int) -> Bool { grown[j] < here && grown[j] < mask[j] }
            if canGrow(i + 1) || canGrow(below - 1) || canGrow(below) || canGrow(below + 1) { push(i) }
          }
        }
        while waiting > 0 {
          let i = Int(queue[head])
          head = head + 1 == capacity ? 0 : head + 1
          waiting -= 1
          isQueued[i] = false
          let here = grown[i]
          var row = i - stride
          for _ in 0..<3 {
            for j in row - 1...row + 1 where grown[j] < here && grown[j] != mask[j] {
              grown[j] = min(here, mask[j])
              push(j)
            }
            row += stride
          }
        }
        for y in 0..<height {
          target.row(y).update(from: grown + (y + 1) * stride + 1, count: width)
        }
      }
    }
    inputs.asUnsigned(u8: run, u16: run)
    return []
  }
}
