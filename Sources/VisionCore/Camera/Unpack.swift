import Configuration
import VisionImage

/// Grey samples of 16 bits from the ways in which cameras pack them. The input is the camera's
/// bytes as a picture of bytes; what follows the last whole group of a row is left out.
public struct Unpack: Operator {
  public var layout: SampleLayout

  public init(_ layout: SampleLayout) { self.layout = layout }

  /// The names that Video4Linux and GenICam have for them.
  static let packings: [(name: String, layout: SampleLayout)] = [
    ("Y10P", .raised(bits: 10)), ("Y12P", .raised(bits: 12)),
    ("Y10BPACK", .dense(bits: 10, highBitFirst: true)),
    ("Y16_BE", .words(bits: 16, isBigEndian: true)),
    ("Mono10Packed", .paired(bits: 10)), ("Mono12Packed", .paired(bits: 12)),
    ("Mono10p", .dense(bits: 10, highBitFirst: false)),
    ("Mono12p", .dense(bits: 12, highBitFirst: false)),
  ]

  public static let descriptor = OperatorDescriptor(
    name: "unpack", summary: "grey of 10, 12 or 16 bits from a camera's packed bytes",
    parameters: [
      Parameter(
        "packing", .choice(packings.map(\.name)), default: "Y10P", "as the camera's format is called")
    ],
    formats: [.u8], tolerance: .exact, content: .groups(width: 15, height: 1),
    conformanceCases: packings.map { "--packing \($0.name)" },
    benchmarkCases: [
      BenchmarkCase("unpack-y10p", "--packing Y10P"),
      BenchmarkCase("unpack-mono12p", "--packing Mono12p"),
    ])

  public init(_ values: ParameterValues) {
    let name = values.text("packing")
    self.init(Self.packings.first { $0.name == name }!.layout)
  }

  public func outputLayout(for inputs: [RasterLayout]) throws(OperatorError) -> RasterLayout? {
    let group = layout.group
    let count = inputs[0].width / group.bytes * group.samples
    guard count > 0 else {
      throw .sizeMismatch(
        name: Self.descriptor.name,
        why: "a row of \(inputs[0].width) bytes is no group of \(group.samples) samples in \(group.bytes)")
    }
    return RasterLayout(format: .u16, width: count, height: inputs[0].height)
  }

  /// OpenCV has no such function; it adds up parts of the bytes of a group. Bytes and samples of a
  /// group, then for each sample two parts: the byte, which of its bits, and their factor.
  public var openCVParameters: [Double] {
    let group = layout.group
    let parts = (0..<group.samples).flatMap { sample -> [Double] in
      var parts: [(byte: Int, mask: Int, factor: Double)] = []
      for bit in 0..<layout.bits {
        let place = layout.place(ofBit: bit, sample: sample)
        if parts.last?.byte != place.byte {
          parts.append((place.byte, 0, Double(1 << (8 + bit - place.bit)) / 256))
        }
        parts[parts.count - 1].mask |= 1 << place.bit
      }
      if parts.count == 1 { parts.append((0, 0, 0)) }
      return parts.flatMap { [Double($0.byte), Double($0.mask), $0.factor] }
    }
    return [Double(group.bytes), Double(group.samples)] + parts
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    guard let bytes = ImageView<UInt8>(inputs.first) else { return [] }
    let group = layout.group
    output!.pixels(as: UInt16.self).fill { x, y in
      let start = x / group.samples * group.bytes
      return (0..<layout.bits).reduce(0.0) { sum, bit in
        let place = layout.place(ofBit: bit, sample: x % group.samples)
        return sum + Double(bytes[start + place.byte, y] >> UInt8(place.bit) & 1) * Double(1 << bit)
      }
    }
    return []
  }

  /// As many samples as the output is wide; of the last group there may be a part.
  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    guard let output else { return [] }
    let plan = layout.plan
    precondition(
      layout.bytes(of: output.width) <= inputs.first.width,
      "\(output.layout) from rows of \(inputs.first.width) bytes")
    inputs.first.withBytes { bytes in
      machine.inBands(of: output.height) { rows, _ in
        for y in rows {
          SampleRows.unpack(
            layout, plan, from: bytes + y * inputs.first.layout.rowBytes, into: output.row(y),
            count: output.width, by: machine.kernels.camera)
        }
      }
    }
    return []
  }
}
