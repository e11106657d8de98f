import Configuration
import InspectionKit
import VisionCore
import VisionImage

let blobsVerb = Verb(
  "blobs", "connected areas of an image, measured",
  options: [
    Parameter("input", .path, short: "i", "the image"),
    Parameter("threshold", .real(-1e6...1e6), optional: true, "grey value between object and ground"),
    Parameter("otsu", .flag, "the threshold that parts the histogram best"),
    Parameter(
      "adaptive", .numbers(2...2), optional: true, placeholder: "SIZE,C",
      "the mean of SIZE x SIZE pixels less C, pixel by pixel"),
    Parameter(
      "hysteresis", .numbers(2...2), optional: true, placeholder: "WEAK,STRONG",
      "beyond WEAK, and connected with a pixel beyond STRONG"),
    Parameter("bright", .flag, "the object lies above the threshold (the usual case)"),
    Parameter("dark", .flag, "the object lies at the threshold or below"),
    Parameter("connectivity", .choice(["4", "8"]), default: "8", "neighbours of a pixel"),
    Parameter("min-area", .whole(0...Int.max), default: 0, "pixels of the smallest blob"),
    Parameter("max-area", .whole(0...Int.max), default: .whole(.max), "pixels of the largest blob"),
    Parameter("fill-holes", .flag, "enclosed ground, and what lies in it, belongs to the blob"),
    Parameter(
      "sort", .choice(["area", "x", "y"]), optional: true,
      "largest first, or by centroid; else by the first pixel, from the top"),
    Parameter("limit", .whole(0...Int.max), default: .whole(.max), "print so many at most"),
    Parameter("annotate", .path, optional: true, placeholder: "OUT.png", "the image with the blobs marked"),
    EngineOptions.engine,
    Parameter("json", .flag, "an object a line; it is so in any case"),
  ],
  example: "inspect blobs -i part.png --otsu --min-area 30 --sort area --limit 5",
  details: """
    Prints one JSON object a blob. Without a threshold whatever is not 0 is object. Bright is
    v > T, dark is v <= T. Guides/blobs.md tells what each figure means.
    """,
  run: { call in
    try listBlobs(call.values)
    return .done
  })

private func listBlobs(_ values: ParameterValues) throws {
  let search = try blobSearch(values)
  let runner = try EngineOptions.runner(values)
  let image = try readImage(values.text("input"))
  let finding: BlobFinder.Finding
  do throws(OperatorError) {
    finding = try BlobFinder(search, runner).find(in: image.view)
  } catch .format(let name, let given, let known) {
    let error = OperatorError.format(name: name, given: given, known: known)
    throw CommandError(.usage, error.description, at: values.text("input"))
  } catch {
    throw CommandError(.failed, error.description, advice: "'inspect doctor' tells what is there")
  }
  if let failover = finding.failover {
    Output.note("inspect: note: answered by \(finding.engine.rawValue), since \(failover)")
  }
  var blobs = finding.regions.map { Blob($0, in: image.view, search.connectivity) }
  switch values["sort"] {
  case "area": blobs.sort { $0.area > $1.area }
  case "x": blobs.sort { $0.moments.centroid.x < $1.moments.centroid.x }
  case "y": blobs.sort { $0.moments.centroid.y < $1.moments.centroid.y }
  default: break
  }
  blobs = Array(blobs.prefix(values.whole("limit")))
  if values.has("annotate") {
    let picture = BlobAnnotation.mark(blobs, on: image.view)
    try writeImage(picture.raster.view, to: values.text("annotate"))
  }
  for blob in blobs { Output.report(report(blob), json: true) }
}

private func blobSearch(_ values: ParameterValues) throws -> BlobSearch {
  func onlyOne(_ names: [String]) throws {
    let given = names.filter { values.given.contains($0) }
    guard given.count < 2 else {
      throw CommandError.usage("--\(given[0]) and --\(given[1]) exclude each other", "blobs")
    }
  }
  try onlyOne(["threshold", "otsu", "adaptive", "hysteresis"])
  try onlyOne(["bright", "dark"])
  var segmentation = Segmentation.threshold(0)
  if values.has("threshold") { segmentation = .threshold(values.real("threshold")) }
  if values.flag("otsu") { segmentation = .otsu }
  if values.has("adaptive") {
    let numbers = values.numbers("adaptive")
    guard let size = Int(exactly: numbers[0]), size % 2 == 1, (3...255).contains(size) else {
      throw CommandError.usage("--adaptive SIZE,C: SIZE is odd, from 3 to 255", "blobs")
    }
    guard abs(numbers[1]) <= 255 else {
      throw CommandError.usage("--adaptive SIZE,C: C is from -255 to 255", "blobs")
    }
    segmentation = .adaptive(size: size, constant: numbers[1])
  }
  if values.has("hysteresis") {
    let numbers = values.numbers("hysteresis")
    guard values.flag("dark") ? numbers[0] >= numbers[1] : numbers[0] <= numbers[1] else {
      throw CommandError.usage("--hysteresis WEAK,STRONG: STRONG lies farther from the ground", "blobs")
    }
    segmentation = .hysteresis(weak: numbers[0], strong: numbers[1])
  }
  let least = values.whole("min-area"), most = values.whole("max-area")
  guard least <= most else {
    throw CommandError.usage("--min-area \(least) is larger than --max-area \(most)", "blobs")
  }
  return BlobSearch(
    segmentation, isDark: values.flag("dark"),
    connectivity: values.text("connectivity") == "4" ? .four : .eight,
    fillsHoles: values.flag("fill-holes"), areas: least...most)
}

private func report(_ blob: Blob) -> JSONObject {
  func number(_ value: Double) -> JSON { .rounded(value, 6) }
  let box = blob.box, moments = blob.moments, rectangle = blob.leastRectangle
  return [
    "area": .integer(blob.area), "x": number(moments.centroid.x), "y": number(moments.centroid.y),
    "box": [
      "x": .integer(box.x), "y": .integer(box.y), "w": .integer(box.width),
      "h": .integer(box.height),
    ],
    "holes": .integer(blob.holes), "perimeter": number(blob.perimeter),
    "circularity": number(blob.circularity), "orientation": number(moments.orientation.degrees),
    "major": number(moments.major), "minor": number(moments.minor),
    "eccentricity": number(moments.eccentricity), "convexity": number(blob.convexity),
    "rectangularity": number(blob.rectangularity),
    "feret": ["max": number(blob.ferets.max), "min": number(blob.ferets.min)],
    "min_rect": [
      "x": number(rectangle.center.x), "y": number(rectangle.center.y),
      "w": number(rectangle.width), "h": number(rectangle.height),
      "angle": number(rectangle.angle.degrees),
    ],
    "mean": number(blob.mean), "min": number(blob.least), "max": number(blob.greatest),
    "contrast": number(blob.contrast), "border_gradient": number(blob.borderGradient),
    "inner_circle": blob.innerCircle.map {
      ["x": number($0.centre.x), "y": number($0.centre.y), "radius": number($0.radius)]
    } ?? .null,
  ]
}
