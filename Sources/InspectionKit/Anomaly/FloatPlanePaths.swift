extension FloatPlane {
  /// The sum of the evidence along the best path down through every pixel, fading along the way: a
  /// step goes on straight or to the next column.
  func pathsDown(decay: Float, _ engine: PlaneEngine) -> FloatPlane {
    let width = width, height = height
    var sum = FloatPlane(uninitializedWidth: width, height: height)
    // One column more on either side, so that every pixel has three ahead of it.
    var rows = [[Float]](repeating: [Float](repeating: 0, count: width + 2), count: 2)
    sum.update { sum in
      read { evidence in
        /// The path that comes along to row y, from the row before it.
        func step(_ y: Int) {
          rows[0].withUnsafeBufferPointer { ahead in
            rows[1].withUnsafeMutableBufferPointer { path in
              engine.kernels.path(
                evidence + y * width, ahead.baseAddress! + 1, path.baseAddress! + 1, width, decay)
            }
          }
          rows.swapAt(0, 1)
        }
        for y in 0..<height {
          step(y)
          rows[0].withUnsafeBufferPointer {
            (sum + y * width).update(from: $0.baseAddress! + 1, count: width)
          }
        }
        for i in rows.indices { for x in rows[i].indices { rows[i][x] = 0 } }
        for y in (0..<height).reversed() {
          step(y)
          rows[0].withUnsafeBufferPointer { path in
            let target = sum + y * width, here = evidence + y * width
            for x in 0..<width { target[x] += path[x + 1] - here[x] }
          }
        }
      }
    }
    return sum
  }
}
