import VisionImage

extension AnomalyMap {
  /// The box in the picture that a box of the plane covers.
  func pictureBox(_ box: PixelRect) -> PixelRect {
    guard let placement else {
      return PixelRect(
        x: box.x * reduction, y: box.y * reduction, width: box.width * reduction,
        height: box.height * reduction)
    }
    let corners = [(box.x, box.y), (box.maxX, box.y), (box.x, box.maxY), (box.maxX, box.maxY)].map {
      placement.toPicture(Float($0.0 * reduction), Float($0.1 * reduction))
    }
    let left = Int(corners.map(\.x).min()!), right = Int(corners.map(\.x).max()!.rounded(.up))
    let top = Int(corners.map(\.y).min()!), bottom = Int(corners.map(\.y).max()!.rounded(.up))
    return PixelRect(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// The deviation of every pixel of the picture, 10000 at the limit; between places of the plane
  /// linearly.
  func picture(width: Int, height: Int, limit: Float) -> Image<UInt16> {
    let scale = 10_000 / limit
    var image = Image<UInt16>(uninitializedWidth: width, height: height)
    let straight =
      placement == nil ? plane.enlarged(by: reduction, width: width, height: height) : nil
    image.withMutableView { out in
      for y in 0..<height {
        let row = out.row(y)
        if let straight {
          straight.read { values in
            for x in 0..<width {
              row[x] = UInt16(max(0, min(65_535, values[y * width + x] * scale)))
            }
          }
        } else if let placement {
          row.update(repeating: 0, count: width)
          let start = placement.toCanvas(0, Float(y)), next = placement.toCanvas(1, Float(y))
          let step = (x: next.x - start.x, y: next.y - start.y)
          let columns = placement.columns(ofRow: y, width: width, onCanvas: plane)
          plane.read { values in
            for x in columns {
              let u = start.x + Float(x) * step.x, v = start.y + Float(x) * step.y
              let left = max(0, min(Int(u), plane.width - 2))
              let top = max(0, min(Int(v), plane.height - 2))
              let upper = values + top * plane.width + left, lower = upper + plane.width
              let p = u - Float(left), q = v - Float(top)
              let above = upper[0] + (upper[1] - upper[0]) * p
              let below = lower[0] + (lower[1] - lower[0]) * p
              row[x] = UInt16(max(0, min(65_535, (above + (below - above) * q) * scale)))
            }
          }
        }
      }
    }
    return image
  }
}

extension PartPose {
  /// The columns of a row of the picture that lie on the canvas.
  fileprivate func columns(ofRow y: Int, width: Int, onCanvas canvas: FloatPlane) -> Range<Int> {
    let start = toCanvas(0, Float(y)), next = toCanvas(1, Float(y))
    var low: Float = 0, high = Float(width - 1)
    for (at, step, size) in [
      (start.x, next.x - start.x, canvas.width), (start.y, next.y - start.y, canvas.height),
    ] {
      let last = Float(size - 1)
      if abs(step) < 1e-6 {
        if !(0...last ~= at) { return 0..<0 }
      } else {
        let (a, b) = (-at / step, (last - at) / step)
        low = max(low, min(a, b))
        high = min(high, max(a, b))
      }
    }
    guard low <= high else { return 0..<0 }
    return Int(low.rounded(.up))..<max(Int(low.rounded(.up)), Int(high) + 1)
  }
}

extension FloatPlane {
  /// The value between four places; beyond the edges the outermost go on.
  func interpolated(_ u: Float, _ v: Float) -> Float {
    let x = min(max(u, 0), Float(width - 1)), y = min(max(v, 0), Float(height - 1))
    let left = min(Int(x), max(0, width - 2)), top = min(Int(y), max(0, height - 2))
    let right = min(left + 1, width - 1), bottom = min(top + 1, height - 1)
    let p = x - Float(left), q = y - Float(top)
    let upper = self[left, top] * (1 - p) + self[right, top] * p
    let lower = self[left, bottom] * (1 - p) + self[right, bottom] * p
    return upper * (1 - q) + lower * q
  }
}
