import CaptureKit
import Configuration
import ImageFiles
import VisionImage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

let synthVerb = Verb(
  "synth", "pictures of rendered parts, with the exact truth about them", operands: "[SCENE]",
  count: 0...1,
  options: [
    Parameter("list", .flag, "name the scenes"),
    Parameter("count", .whole(1...1_000_000), default: 10, short: "n", "how many parts"),
    Parameter("output", .path, optional: true, short: "o", placeholder: "DIR", "the folder to write to"),
    Parameter("seed", .whole(0...Int.max), default: 1, "another seed, other parts"),
    Parameter("defects", .real(0...1), default: 0.5, placeholder: "P", "share of parts with flaws"),
    Parameter("size", .size(256...16384), optional: true, "pixels; the scene's own where left out"),
  ],
  example: "inspect synth board -n 20 -o parts --seed 7",
  details: """
    Writes 000000.png and on, reference.png (the perfect part) and gt.jsonl, a line a picture:
    {"image", "verdict", "defects": [{"x", "y", "w", "h", "class"}]}
    The scene 'parts' also has template.png (one part alone) and "matches": [{"x", "y", "angle", "scale"}],
    where the middle of the template lies for every good part.
    """,
  operandWords: SceneKind.all.map(\.name),
  run: { call in
    if call.values.flag("list") {
      for kind in SceneKind.all { Output.line("\(kind.name.padded(to: 12))\(kind.summary)") }
      return .done
    }
    let kind = try sceneKind(call.operands.first ?? SceneKind.all[0].name)
    guard call.values.has("output") else { throw CommandError.usage("-o DIR is missing", "synth") }
    let folder = call.values.text("output")
    let size = call.values.has("size") ? call.values.size("size") : kind.defaultSize
    let scene = kind.scene(
      width: size.width, height: size.height, seed: UInt64(call.values.whole("seed")))
    try makeFolder(folder)
    try writeImage(scene.reference.view.raster, to: folder + "/reference.png")
    let hasPoses = scene.template != scene.reference
    if hasPoses { try writeImage(scene.template.view.raster, to: folder + "/template.png") }
    var truth = ""
    for index in 0..<call.values.whole("count") {
      let part = scene.render(part: index, defectRate: call.values.real("defects"))
      let digits = String(index)
      let name = String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".png"
      try writeImage(part.image.view.raster, to: folder + "/" + name)
      truth += JSON.object(part.truth(image: name, hasPoses: hasPoses)).text + "\n"
    }
    try writeText(truth, to: folder + "/gt.jsonl")
    return .done
  })

func sceneKind(_ name: String) throws -> SceneKind {
  guard let kind = SceneKind.find(name) else {
    throw CommandError(
      .usage, unknownName("scene", name, among: SceneKind.all.map(\.name)),
      advice: "'inspect synth --list' names all")
  }
  return kind
}

extension RenderedPart {
  /// The line of gt.jsonl.
  func truth(image: String, hasPoses: Bool) -> JSONObject {
    var line: JSONObject = [
      "image": .string(image), "verdict": .string(defects.isEmpty ? "OK" : "NG"),
      "defects": .array(
        defects.map {
          [
            "x": .integer($0.box.x), "y": .integer($0.box.y), "w": .integer($0.box.width),
            "h": .integer($0.box.height), "class": .string($0.kind),
          ]
        }),
    ]
    if hasPoses {
      line["matches"] = .array(
        poses.map {
          [
            "x": .rounded($0.x, 6), "y": .rounded($0.y, 6), "angle": .rounded($0.angle.degrees, 6),
            "scale": 1,
          ]
        })
    }
    return line
  }
}

/// Makes a folder and those above it, where they are not there yet.
func makeFolder(_ path: String) throws {
  var made = path.hasPrefix("/") ? "/" : ""
  for part in path.split(separator: "/") {
    made += part
    if mkdir(made, 0o777) != 0 && errno != EEXIST {
      throw CommandError(
        writing: errno, "cannot make the folder", at: path, why: String(cString: strerror(errno)))
    }
    made += "/"
  }
}

func writeText(_ text: String, to path: String) throws { try writeFile(Array(text.utf8), to: path) }

func writeFile(_ bytes: [UInt8], to path: String) throws {
  do throws(ImageFileError) {
    try AtomicFile.write(bytes, to: path)
  } catch {
    throw CommandError(output: error)
  }
}

/// Like `writeText`, but never over somebody's work.
func writeNewText(_ text: String, to path: String, force: Bool) throws {
  guard force || access(path, F_OK) != 0 else {
    throw CommandError(
      .usage, "the file is there already", at: path, advice: "--force writes over it")
  }
  try writeText(text, to: path)
}
