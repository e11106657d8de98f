import Configuration
import VisionImage

/// Numbers connected parts, in the raster order of their first pixel.
public struct Label: Operator {
  public var foreground: Foreground
  public var connectivity: Connectivity

  public init(_ foreground: Foreground, _ connectivity: Connectivity) {
    self.foreground = foreground
    self.connectivity = connectivity
  }

  static let parameters = [
    Parameter("threshold", .real(-1e6...1e6), default: 0, "pixels above it are object"),
    Parameter("dark", .flag, "the others are"),
    Parameter("connectivity", .choice(["4", "8"]), default: "8", "neighbours of a pixel"),
  ]
  static let conformanceCases = [
    "", "--connectivity 4", "--threshold 127", "--threshold 200 --connectivity 4",
    "--threshold 60 --dark", "--threshold -1", "--threshold 70000 --dark",
  ]

  public static let descriptor = OperatorDescriptor(
    name: "label", summary: "numbers connected parts; 32-bit labels out", parameters: parameters,
    formats: [.u8, .u16], tolerance: .exact, content: .blobs, conformanceCases: conformanceCases,
    benchmarkCases: [BenchmarkCase("label", "")])

  public init(_ values: ParameterValues) {
    self.init(
      Foreground(threshold: values.real("threshold"), isDark: values.flag("dark")),
      Connectivity(rawValue: Int(values.text("connectivity"))!)!)
  }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? {
    RasterLayout(format: .s32, width: inputs[0].width, height: inputs[0].height)
  }

  public var openCVParameters: [Double] {
    [foreground.threshold, foreground.isDark ? 1 : 0, Double(connectivity.rawValue)]
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    let labels = output!.pixels(as: Int32.self)
    _ = inputs.asUnsigned(u8: { s, _ in define(s, labels) }, u16: { s, _ in define(s, labels) })
    return []
  }

  /// Floods every part from its first pixel; answers how many there are.
  func define<P: GreyPixel>(_ image: ImageView<P>, _ labels: MutableImageView<Int32>) -> Int {
    let threshold = foreground.threshold.rounded(.down)
    let unseen: Int32 = -1
    for y in 0..<image.height {
      for x in 0..<image.width {
        labels.row(y)[x] = (image[x, y].real > threshold) != foreground.isDark ? unseen : 0
      }
    }
    var count = 0
    for y in 0..<image.height {
      for x in 0..<image.width where labels.row(y)[x] == unseen {
        count += 1
        labels.row(y)[x] = Int32(count)
        var open = [(x, y)]
        while let (x, y) = open.popLast() {
          for dy in -1...1 {
            for dx in -1...1 where connectivity == .eight || dx == 0 || dy == 0 {
              let u = x + dx, v = y + dy
              guard u >= 0, v >= 0, u < image.width, v < image.height, labels.row(v)[u] == unseen
              else { continue }
              labels.row(v)[u] = Int32(count)
              open.append((u, v))
            }
          }
        }
      }
    }
    return count
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    machine.labeller.label(inputs.first, foreground, connectivity, machine.kernels.run)
    machine.labeller.paintLabels(on: output!.pixels(as: Int32.self))
    return []
  }
}

/// Area, box and centroid of every connected part, and of these the sums: what is timed against
/// OpenCV's labelling with statistics.
public struct CountBlobs: Operator {
  private let label: Label

  public static let descriptor = OperatorDescriptor(
    name: "blobs", summary: "counts connected parts and sums up their areas, boxes and centroids",
    parameters: Label.parameters, formats: [.u8, .u16], tolerance: .relative(1e-9),
    content: .blobs, conformanceCases: Label.conformanceCases,
    benchmarkCases: [BenchmarkCase("blobs", "")])

  public init(_ values: ParameterValues) { label = Label(values) }

  public func outputLayout(for inputs: [RasterLayout]) -> RasterLayout? { nil }
  public var openCVParameters: [Double] { label.openCVParameters }

  public func answer(_ numbers: [Double]) -> JSONObject {
    [
      "count": .integer(Int(numbers[0])), "area": .integer(Int(numbers[1])),
      "largest": .integer(Int(numbers[2])),
    ]
  }

  /// Count, all area, the largest area, the boxes' area, the sums of the centroids' x and y.
  private func numbers(_ blobs: some Collection<BlobSummary>) -> [Double] {
    var numbers = [Double(blobs.count), 0, 0, 0, 0, 0]
    for blob in blobs {
      numbers[1] += Double(blob.area)
      numbers[2] = max(numbers[2], Double(blob.area))
      numbers[3] += Double(blob.box.area)
      numbers[4] += blob.centroid.x
      numbers[5] += blob.centroid.y
    }
    return numbers
  }

  public func reference(_ inputs: OperatorInputs, into output: MutableRasterView?) -> [Double] {
    let width = inputs.first.width, height = inputs.first.height
    var labels = Image<Int32>(width: width, height: height, repeating: 0)
    let count = labels.withMutableView { labels in
      inputs.asUnsigned(
        u8: { s, _ in label.define(s, labels) }, u16: { s, _ in label.define(s, labels) })
    }
    var blobs = [BlobSummary?](repeating: nil, count: count)
    for y in 0..<height {
      for x in 0..<width where labels[x, y] != 0 {
        let i = Int(labels[x, y]) - 1
        blobs[i] = blobs[i] ?? BlobSummary(top: y)
        blobs[i]!.add(Int32(y), Int32(x), Int32(x + 1))
      }
    }
    return numbers(blobs.compactMap { $0 })
  }

  public func native(
    _ inputs: OperatorInputs, into output: MutableRasterView?, on machine: Machine
  ) -> [Double] {
    machine.labeller.label(inputs.first, label.foreground, label.connectivity, machine.kernels.run)
    return numbers(machine.labeller.blobs)
  }
}
