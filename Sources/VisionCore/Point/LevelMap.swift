import Configuration
import VisionImage
import VisionKernelsABI

/// An operator that makes a new level of every level, whatever stands around the pixel.
protocol LevelMap: Operator {
  /// What must be known of the picture first.
  static var need: LevelFacts.Need { get }
  /// Hands out the new level of every level from 0 to `facts.top`, in order.
  func newLevels(_ facts: LevelFacts, _ store: (_ level: Int, _ new: Double) -> Void)
}

/// What is known of the picture before its levels are changed.
struct LevelFacts {
  enum Need { case nothing, range, counts }
  /// The greatest level that the pixel can have.
  let top: Int
  /// The least and the greatest level that occur.
  var least = 0
  var greatest = 0
  /// How often each occurs; empty where that was not asked for.
  var counts = UnsafeBufferPointer<UInt32>(start: nil, count: 0)
}

extension LevelMap {
  static var need: LevelFacts.Need { .nothing }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    func define<P: GreyPixel & FixedWidthInteger>(_ source: ImageView<P>, _: ImageView<P>?) {
      let counts = Histogram.countSlowly(source, inputs.region)
      var levels = [Double](repeating: 0, count: counts.count)
      counts.withUnsafeBufferPointer { counts in
        let facts = LevelFacts(
          top: Int(P.max), least: counts.firstIndex { $0 > 0 }!,
          greatest: counts.lastIndex { $0 > 0 }!, counts: counts)
        newLevels(facts) { levels[$0] = $1 }
      }
      output!.pixels(as: P.self).fill { x, y in levels[Int(source[x, y])] }
    }
    inputs.asUnsigned(u8: define, u16: define)
    return []
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    let kernels = machine.kernels.level
    func run<P: GreyPixel & FixedWidthInteger>(
      _ source: ImageView<P>,
      _ lookUp: (UnsafePointer<P>, UnsafeMutablePointer<P>, Int, UnsafePointer<P>) -> Void
    ) {
      let target = output!.pixels(as: P.self)
      machine.workspace.scope { workspace in
        var facts = LevelFacts(top: Int(P.max))
        switch Self.need {
        case .nothing: break
        case .range:
          let moments = Statistics.moments(inputs, machine, workspace)
          facts.least = moments.least
          facts.greatest = moments.greatest
        case .counts: facts.counts = Histogram.count(inputs, machine, workspace)
        }
        let table = workspace.take(Int(P.max) + 1, of: P.self)
        newLevels(facts) { table[$0] = P(saturating: $1) }
        machine.inBands(of: target.height) { rows, _ in
          source.withRows { pixels in
            for y in rows { lookUp(pixels[y], target.row(y), target.width, table) }
          }
        }
      }
    }
    inputs.asUnsigned(u8: { s, _ in run(s, kernels.look_up8) }, u16: { s, _ in run(s, kernels.look_up16) })
    return []
  }
}
