import VisionImage
import VisionKernelsABI

/// Another size of a picture of single precision: columns first, then along the row.
struct RealResize {
  let x: ResizeAxis
  let y: ResizeAxis

  func run(
    _ source: ImageView<Float>, _ target: MutableImageView<Float>, _ machine: Machine
  ) {
    let taps = x.taps, lines = y.taps
    machine.inBands(of: target.height) { band, workspace in
      let places = workspace.take(target.width * taps, of: Int32.self)
      let weights = workspace.take(target.width * taps, of: Float.self)
      for column in 0..<target.width {
        x.each(column) { i, place, weight in
          places[column * taps + i] = Int32(truncatingIfNeeded: place)
          weights[column * taps + i] = Float(weight)
        }
      }
      let offsets = workspace.take(lines, of: Int.self)
      let lineWeights = workspace.take(lines, of: Float.self)
      let line = workspace.take(source.width, of: Float.self)
      source.withRows { pixels in
        let base = pixels[0]
        for row in band {
          y.each(row) { i, place, weight in
            offsets[i] = pixels[place] - base
            lineWeights[i] = Float(weight)
          }
          machine.kernels.plane.weigh(base, offsets, lineWeights, lines, line, source.width)
          let out = target.row(row)
          var entry = 0
          for column in 0..<target.width {
            var sum: Float = 0
            for _ in 0..<taps {
              sum += weights[entry] * line[Int(places[entry])]
              entry += 1
            }
            out[column] = sum
          }
        }
      }
    }
  }
}
