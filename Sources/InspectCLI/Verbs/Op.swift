import Configuration
import ImageFiles
import VisionCore
import VisionImage

let opVerb = Verb(
  "op", "one operator on one image", operands: "NAME", count: 0...1,
  options: [
    Parameter("input", .path, optional: true, short: "i", "the image"),
    Parameter("with", .path, optional: true, short: "i2", "the second image, where it takes two"),
    Parameter("output", .path, optional: true, short: "o", "where the resulting image goes"),
    RegionText.parameter,
    EngineOptions.engine,
    Parameter("list", .flag, "list the operators"),
    Parameter("json", .flag, "the list as JSON, an object a line"),
  ],
  example: "inspect op gaussian --size 5 -i part.png -o smooth.png",
  details: "'inspect op NAME --help' shows the operator's own options, 'inspect op --list' all names.",
  operandWords: OperatorRegistry.names,
  moreOptions: { operands in
    guard let name = operands.first else { return [] }
    return try operatorType(name).descriptor.parameters
  },
  run: { call in
    if call.values.flag("list") {
      listOperators(json: call.values.flag("json"))
      return .done
    }
    guard let name = call.operands.first else {
      throw CommandError.usage("NAME is missing: which operator?", "op")
    }
    try runOperator(operatorType(name), call)
    return .done
  })

private func operatorType(_ name: String) throws -> any Operator.Type {
  guard let type = OperatorRegistry.find(name) else {
    throw CommandError(
      .usage, unknownName("operator", name, among: OperatorRegistry.names),
      advice: "'inspect op --list' names all")
  }
  return type
}

private func listOperators(json: Bool) {
  for type in OperatorRegistry.all {
    let descriptor = type.descriptor
    guard json else {
      let name = descriptor.name.padded(to: 18)
      Output.line("\(name)\(descriptor.summary)")
      continue
    }
    let options = descriptor.parameters.map { "--\($0.name) \($0.placeholder)" }
    Output.report(
      [
        "name": .string(descriptor.name),
        "options": .string(options.joined(separator: " ")),
        "engines": [
          "reference": true, "native": true, "opencv": .bool(descriptor.hasOpenCV),
        ],
      ], json: true)
  }
}

private func runOperator<Op: Operator>(_ type: Op.Type, _ call: Invocation) throws {
  let descriptor = Op.descriptor
  guard call.values.has("input") else {
    throw CommandError.usage("-i IN is missing: which image?", "op \(descriptor.name)")
  }
  guard call.values.has("with") == (descriptor.inputs == 2) else {
    throw CommandError.usage(
      descriptor.inputs == 2
        ? "--with SECOND is missing: \(descriptor.name) takes two images"
        : "\(descriptor.name) takes one image, not --with", "op \(descriptor.name)")
  }
  let settings: Op
  do throws(ParameterError) {
    settings = try Op(call.values)
  } catch {
    throw CommandError.usage(error.message, "op \(descriptor.name)")
  }
  let runner = try EngineOptions.runner(call.values)
  let aboutColour = descriptor.formats.contains { $0.isColour }
  var first = try readImage(call.values.text("input"), colour: aboutColour)
  var second =
    descriptor.inputs == 2 ? try readImage(call.values.text("with"), colour: aboutColour) : nil
  (first, second) = fitted(first, second, descriptor)
  do throws(OperatorError) {
    try settings.check(second.map { [first.layout, $0.layout] } ?? [first.layout])
  } catch {
    throw CommandError(.usage, error.description, at: call.values.text("input"))
  }
  let region = try givenRegion(call, first)
  let result: (image: Raster?, answer: JSONObject, outcome: OperatorOutcome)
  do throws(OperatorError) {
    result = try runner.apply(settings, to: first.view, second?.view, within: region)
  } catch {
    if case .sizeMismatch = error { throw CommandError(.usage, error.description) }
    throw CommandError(.failed, error.description, advice: "'inspect doctor' tells what is there")
  }
  if let failover = result.outcome.failover {
    Output.note("inspect: note: answered by \(result.outcome.engine.rawValue), since \(failover)")
  }
  if call.values.has("output") {
    guard let image = result.image else {
      throw CommandError.usage("\(descriptor.name) makes no image; leave -o out", "op")
    }
    try writeImage(image.view, to: call.values.text("output"))
  } else if result.answer.isEmpty {
    throw CommandError.usage("-o OUT is missing: where to?", "op \(descriptor.name)")
  }
  if !result.answer.isEmpty { Output.report(result.answer, json: true) }
}

/// What the operator is limited to; nil: nothing was said.
private func givenRegion(_ call: Invocation, _ picture: Raster) throws -> Region? {
  guard call.values.has("region") else { return nil }
  let text: RegionText
  do throws(ParameterError) {
    text = try RegionText(call.values.text("region"))
  } catch {
    throw CommandError.usage("--region: \(error.message)", "op")
  }
  let (region, size) = try text.region { try readImage($0) }
  if let size, size != (picture.width, picture.height) {
    throw CommandError(
      .usage, "--region: the mask is \(size.width)x\(size.height), the image \(picture.layout)")
  }
  return region
}

/// The images as the operator can take them: grey as colour where it is about colour, and the
/// shallower of two as deep as the other where one holds labels.
private func fitted(
  _ first: Raster, _ second: Raster?, _ descriptor: OperatorDescriptor
) -> (Raster, Raster?) {
  if descriptor.formats.allSatisfy(\.isColour), !first.format.isColour {
    return (coloured(first), second)
  }
  guard descriptor.content == .markers, let second, first.format != second.format else {
    return (first, second)
  }
  return (deepened(first), deepened(second))
}

private func coloured(_ grey: Raster) -> Raster {
  func spread<P: GreyPixel>(_ view: ImageView<P>) -> Raster {
    Image<RGB<P>>(width: view.width, height: view.height) {
      RGB(red: view[$0, $1], green: view[$0, $1], blue: view[$0, $1])
    }.raster
  }
  if let view = ImageView<UInt8>(grey.view) { return spread(view) }
  if let view = ImageView<UInt16>(grey.view) { return spread(view) }
  return grey
}

private func deepened(_ raster: Raster) -> Raster {
  guard let view = ImageView<UInt8>(raster.view) else { return raster }
  return Image<UInt16>(width: view.width, height: view.height) { UInt16(view[$0, $1]) }.raster
}

/// The image of a single-image verb; what cannot be read ends it with status 3.
func readImage(_ path: String, colour: Bool = false) throws -> Raster {
  do throws(ImageFileError) {
    return try ImageFiles.read(path, colour: colour ? .asStored : .grey)
  } catch {
    throw CommandError(.inputs, "cannot read the image", at: path, why: error.reason)
  }
}

func writeImage(_ view: RasterView, to path: String) throws {
  do throws(ImageFileError) {
    try ImageFiles.write(view, to: path)
  } catch {
    throw CommandError(.failed, "cannot write the image", at: path, why: error.reason)
  }
}

extension String {
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
