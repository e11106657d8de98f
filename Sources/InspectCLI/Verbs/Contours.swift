import Configuration
import InspectionKit
import VisionCore
import VisionImage

let contoursVerb = Verb(
  "contours", "outlines between the pixels, as lines and arcs",
  options: [
    Parameter("input", .path, short: "i", "the image"),
    Parameter("threshold", .real(0...65535), optional: true, "outlines where the grey level passes it"),
    Parameter(
      "edges", .numbers(2...2), optional: true, placeholder: "WEAK,STRONG",
      "outlines along the greatest change: grey levels a pixel at every point, and at one at least"),
    Parameter("sigma", .real(0.3...20), default: .real(1), "smoothing before --edges, in pixels"),
    Parameter("min-length", .real(0...1e9), default: .real(8), "pixels of the shortest"),
    Parameter("tolerance", .real(0.05...100), default: .real(0.7), "how far a point may lie from its line or arc, in pixels"),
    Parameter("annotate", .path, optional: true, placeholder: "OUT.png", "the image with the segments drawn"),
    Parameter("json", .flag, "an object a line; it is so in any case"),
  ],
  example: "inspect contours -i part.png --threshold 128 --tolerance 1",
  details: """
    Prints one JSON object an outline: {"closed","length","area","segments"}. A segment is a line
    {"line":{"from","to","angle"},"rms","points"} or an arc {"arc":{"center","radius"},"from","to",
    "rms","points"}. Without --threshold and --edges the edges are those of 5,10.
    """,
  run: { call in
    try listContours(call.values)
    return .done
  })

private func listContours(_ values: ParameterValues) throws {
  let image = try readImage(values.text("input"))
  let contours = try contours(of: image.view, values).filter {
    $0.length >= values.real("min-length")
  }
  var canvas = Canvas(image.view, dimming: 0.5)
  for contour in contours {
    let segments = contour.segments(tolerance: values.real("tolerance"))
    Output.report(
      [
        "closed": .bool(contour.isClosed), "length": .rounded(contour.length, 4),
        "area": .rounded(contour.area, 4), "segments": .array(segments.map { .object(report($0)) }),
      ], json: true)
    for segment in segments { draw(segment, on: &canvas) }
  }
  if values.has("annotate") { try writeImage(canvas.image.raster.view, to: values.text("annotate")) }
}

private func contours(of picture: RasterView, _ values: ParameterValues) throws -> [SubpixelContour] {
  guard !(values.has("threshold") && values.has("edges")) else {
    throw CommandError.usage("--threshold and --edges exclude each other", "contours")
  }
  if values.has("threshold") {
    let level = values.real("threshold")
    if let grey = ImageView<UInt8>(picture) { return SubpixelContour.trace(grey, at: level) }
    if let grey = ImageView<UInt16>(picture) { return SubpixelContour.trace(grey, at: level) }
  } else {
    let numbers = values.has("edges") ? values.numbers("edges") : [5, 10]
    guard numbers[0] > 0, numbers[0] <= numbers[1] else {
      throw CommandError.usage("--edges WEAK,STRONG: WEAK is above 0, STRONG no less", "contours")
    }
    let search = EdgeContours(sigma: values.real("sigma"), weak: numbers[0], strong: numbers[1])
    if let found = search.find(in: picture) { return found }
  }
  throw CommandError(
    .usage, "contours: works on grey pictures of 8 or 16 bits, not \(picture.format.rawValue)",
    at: values.text("input"))
}

private func report(_ segment: ContourSegment) -> JSONObject {
  func place(_ p: PixelPoint) -> JSON { .array([.rounded(p.x, 4), .rounded(p.y, 4)]) }
  let count = JSON.integer(segment.points.count)
  switch segment.shape {
  case .line(let line):
    return [
      "line": [
        "from": place(line.ends.0), "to": place(line.ends.1), "angle": .rounded(line.angle.degrees, 5),
      ],
      "rms": .rounded(line.rms, 5), "points": count,
    ]
  case .arc(let circle):
    return [
      "arc": ["center": place(circle.centre), "radius": .rounded(circle.major, 4)],
      "from": place(segment.points[0]), "to": place(segment.points[segment.points.count - 1]),
      "rms": .rounded(circle.rms, 5), "points": count,
    ]
  }
}

/// Lines red, arcs green, their ends yellow.
private func draw(_ segment: ContourSegment, on canvas: inout Canvas) {
  let yellow = RGB<UInt8>(red: 255, green: 220, blue: 0)
  switch segment.shape {
  case .line(let line): canvas.line(line.ends.0, line.ends.1, RGB(red: 255, green: 60, blue: 60))
  case .arc:
    for (a, b) in zip(segment.points, segment.points.dropFirst()) {
      canvas.line(a, b, RGB(red: 60, green: 230, blue: 60))
    }
  }
  canvas.dot(segment.points[0], radius: 1, yellow)
}
