import VisionImage

/// What makes a pixel object.
public enum Segmentation: Sendable, Hashable {
  case threshold(Double)
  /// The threshold that parts the histogram best.
  case otsu
  /// The mean of a window around each pixel, less a constant.
  case adaptive(size: Int, constant: Double)
  /// What passes the weak threshold and hangs together with a pixel that passes the strong one.
  case hysteresis(weak: Double, strong: Double)
}

/// Which connected parts are looked for.
public struct BlobSearch: Sendable, Hashable {
  public var segmentation: Segmentation
  /// Whether pixels above the threshold are ground, and the others object.
  public var isDark: Bool
  public var connectivity: Connectivity
  /// Whether enclosed ground, and what lies in it, belongs to the blob.
  public var fillsHoles: Bool
  /// Areas of the blobs that are kept.
  public var areas: ClosedRange<Int>

  public init(
    _ segmentation: Segmentation, isDark: Bool = false, connectivity: Connectivity = .eight,
    fillsHoles: Bool = false, areas: ClosedRange<Int> = 0...Int.max
  ) {
    self.segmentation = segmentation
    self.isDark = isDark
    self.connectivity = connectivity
    self.fillsHoles = fillsHoles
    self.areas = areas
  }
}

/// Finds connected parts with the engine of a runner, whose thread it shares.
public final class BlobFinder {
  public let search: BlobSearch
  private let runner: OperatorRunner
  private var mask: Raster?
  private var labels: Raster?

  public init(_ search: BlobSearch, _ runner: OperatorRunner) {
    self.search = search
    self.runner = runner
  }

  public struct Finding {
    /// In the raster order of the first pixel.
    public var regions: [Region]
    public var engine: Engine
    /// Why the first engine did not answer, where the second one did.
    public var failover: String?
  }

  /// What is known of a blob without its pixels.
  public struct Extent: Sendable {
    public let box: PixelRect
    public let area: Int

    public init(box: PixelRect, area: Int) {
      self.box = box
      self.area = area
    }
  }

  /// The blobs that `find` finds, for those who need no more than this. Of a picture full of blobs
  /// the regions would take several times its memory.
  public func extents(
    in picture: RasterView
  ) throws(OperatorError) -> (extents: [Extent], failover: String?) {
    guard runner.isNative, isWhole else {
      let finding = try find(in: picture)
      return (finding.regions.map { Extent(box: $0.box, area: $0.area) }, finding.failover)
    }
    var finding = Finding(regions: [], engine: .native)
    let (image, foreground) = try segment(picture, &finding)
    let labeller = runner.machine.labeller
    labeller.label(image, foreground, search.connectivity, runner.machine.kernels.run)
    let found = labeller.blobs.lazy.filter { self.search.areas.contains($0.area) }
    return (found.map { Extent(box: $0.box, area: $0.area) }, finding.failover)
  }

  /// Whether blobs are what hangs together, no more and no less.
  private var isWhole: Bool { !search.fillsHoles && strong == nil }

  public func find(in picture: RasterView) throws(OperatorError) -> Finding {
    var finding = Finding(regions: [], engine: .native)
    let (image, foreground) = try segment(picture, &finding)
    let labeller = runner.machine.labeller
    if runner.isNative {
      labeller.label(image, foreground, search.connectivity, runner.machine.kernels.run)
      // Small blobs are left out before anything is made of their runs.
      finding.regions = labeller.regions { !isWhole || search.areas.contains($0.area) }
    } else {
      try run(Label(foreground, search.connectivity), image, into: &labels, &finding)
      finding.regions = Self.regions(ofLabels: ImageView<Int32>(labels!.view)!)
    }
    if let strong { finding.regions.removeAll { !$0.touches(strong, in: picture) } }
    if search.fillsHoles {
      let filled = Region.union(of: finding.regions).filled(search.connectivity)
      labeller.label(filled, search.connectivity)
      finding.regions = labeller.regions()
    }
    finding.regions.removeAll { !search.areas.contains($0.area) }
    return finding
  }

  /// What a blob must have a pixel of, besides being one.
  private var strong: Foreground? {
    guard case .hysteresis(_, let strong) = search.segmentation else { return nil }
    return Foreground(threshold: strong, isDark: search.isDark)
  }

  private func segment(
    _ picture: RasterView, _ finding: inout Finding
  ) throws(OperatorError) -> (RasterView, Foreground) {
    let formats = Label.descriptor.formats
    guard formats.contains(picture.format) else {
      throw .format(name: "blobs", given: picture.format, known: formats)
    }
    switch search.segmentation {
    case .threshold(let value), .hysteresis(weak: let value, _):
      return (picture, Foreground(threshold: value, isDark: search.isDark))
    case .otsu:
      let otsu = Otsu(maximum: 255, kind: .binary)
      let numbers = try run(otsu, picture, into: &mask, &finding)
      // Only the number was wanted; the memory is kept for the next picture, but not much of it.
      if picture.layout.pixelCount > 16 << 20 { mask = nil }
      return (picture, Foreground(threshold: numbers[0], isDark: search.isDark))
    case .adaptive(let size, let constant):
      let adaptive = Adaptive(
        method: .mean, size: size, constant: constant, isInverted: search.isDark)
      try run(adaptive, picture, into: &mask, &finding)
      return (mask!.view, .nonZero)
    }
  }

  @discardableResult
  private func run(
    _ op: some Operator, _ picture: RasterView, into output: inout Raster?, _ finding: inout Finding
  ) throws(OperatorError) -> [Double] {
    let outcome = try runner.run(op, on: OperatorInputs(picture), into: &output)
    finding.engine = outcome.engine
    finding.failover = finding.failover ?? outcome.failover
    return outcome.numbers
  }

  /// The regions that an image of labels shows: that of label 1 first.
  static func regions(ofLabels image: ImageView<Int32>) -> [Region] {
    var runs: [[Run]] = []
    image.withRows { rows in
      for y in 0..<image.height {
        let row = rows[y]
        var x = 0
        while x < image.width {
          let start = x, label = Int(row[x])
          while x < image.width && Int(row[x]) == label { x += 1 }
          guard label > 0 else { continue }
          while runs.count < label { runs.append([]) }
          runs[label - 1].append(Run(y: y, start: start, end: x))
        }
      }
    }
    return runs.map { Region(normal: $0) }
  }
}
