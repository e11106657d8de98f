/// Where a part lies: from places of the picture to places of an upright canvas.
struct PartPose: Sendable, Equatable {
  /// The part's middle in the picture.
  let x: Float
  let y: Float
  /// The direction of its long axis, its length the canvas's pixels to one of the picture.
  let cosine: Float
  let sine: Float
  /// The canvas's middle.
  let canvasX: Float
  let canvasY: Float

  func toCanvas(_ px: Float, _ py: Float) -> (x: Float, y: Float) {
    let dx = px - x, dy = py - y
    return (canvasX + cosine * dx + sine * dy, canvasY - sine * dx + cosine * dy)
  }

  func toPicture(_ cx: Float, _ cy: Float) -> (x: Float, y: Float) {
    let dx = cx - canvasX, dy = cy - canvasY
    // The inverse of a turn with a scale: its transpose over the square of the scale.
    let square = cosine * cosine + sine * sine
    return (x + (cosine * dx - sine * dy) / square, y + (sine * dx + cosine * dy) / square)
  }
}
