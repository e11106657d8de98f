import CAllocator
import Configuration
import ImageFiles
import Threading
import VisionImage

/// Inspects many pictures, decoding and inspecting on several threads, records in the order of the
/// paths whatever the number of threads.
public struct Batch: Sendable {
  public struct Outputs: Sendable {
    /// Folders for anomaly maps and marked pictures; the relative paths are kept below them.
    public var maps: String?
    public var annotations: String?
    public init(maps: String? = nil, annotations: String? = nil) {
      self.maps = maps
      self.annotations = annotations
    }
  }

  /// Pictures of more pixels than this are decoded and inspected one after the other, whatever the
  /// number of jobs, by a worker whose buffers go with it: so memory stays bounded.
  private static let usualSize = DecodingLimits(
    pixels: 65_000_000, bytes: DecodingLimits.standard.bytes)
  private let largeOnes = Guarded<Void>(())

  private let inspector: Inspector
  private let outputs: Outputs
  private let nativeFault: String?
  private let clock: @Sendable () -> String
  /// Makes the folder that a file is to be written to.
  private let makeFolder: @Sendable (String) throws -> Void

  public init(
    _ inspector: Inspector, outputs: Outputs = Outputs(), nativeFault: String? = nil,
    clock: @escaping @Sendable () -> String,
    makeFolder: @escaping @Sendable (String) throws -> Void
  ) {
    self.inspector = inspector
    self.outputs = outputs
    self.nativeFault = nativeFault
    self.clock = clock
    self.makeFolder = makeFolder
  }

  /// Calls `deliver` with every record in order; it answers false to stop.
  public func run(
    _ items: [PathList.Item], jobs: Int, deliver: (InspectionRecord) throws -> Bool
  ) throws {
    // One worker made here tells at once what is wrong with the recipe's tools.
    _ = try inspector.worker(nativeFault: nativeFault)
    try OrderedWork.run(
      count: items.count, jobs: jobs,
      makeWorker: {
        // Made with the first picture that it is for: where all are large none is.
        var made: InspectionWorker?
        return { index in
          inspect(items[index]) {
            let worker = try made ?? inspector.worker(nativeFault: nativeFault)
            made = worker
            return worker
          }
        }
      },
      deliver: { (_, outcome: Result<InspectionRecord, any Error>) throws in
        try deliver(outcome.get())
      })
  }

  /// The record of a picture, whatever it is like; a failure where an output cannot be written.
  private func inspect(
    _ item: PathList.Item, _ worker: () throws -> InspectionWorker
  ) -> Result<InspectionRecord, any Error> {
    do {
      // Where the header tells nobody needs to read a large file in vain.
      if ImageFiles.declaredPixels(item.path) ?? 0 <= Self.usualSize.pixels {
        do {
          return .success(try inspect(item, Self.usualSize, worker))
        } catch let error as ImageFileError where error.kind == .overLimit {}
      }
      return .success(
        try largeOnes.withLock { _ in
          allocator_give_memory_back()
          return try inspect(item, .standard) { try inspector.worker(nativeFault: nativeFault) }
        })
    } catch let failure as OutputFailure {
      return .failure(failure.error)
    } catch let error as ImageFileError {
      return .success(inspector.fault(image: item.path, time: clock(), why: error.reason))
    } catch {
      return .success(inspector.fault(image: item.path, time: clock(), why: "\(error)"))
    }
  }

  /// What is wrong with a folder that maps or marked pictures go to, not with the picture.
  private struct OutputFailure: Error {
    let error: any Error
  }

  private func inspect(
    _ item: PathList.Item, _ limits: DecodingLimits, _ worker: () throws -> InspectionWorker
  ) throws -> InspectionRecord {
    let start = MonotonicTime.now
    let picture = try ImageFiles.read(item.path, limits: limits, colour: .grey)
    let decoded = MonotonicTime.now
    var record = try worker().inspect(
      picture.view, image: item.path, time: clock(), wantsMap: outputs.maps != nil)
    record.decodeMilliseconds += (decoded - start) * 1000
    if let folder = outputs.maps, let map = record.map {
      record.mapPath = try write(map.raster.layout, item, below: folder) {
        map.raster.view.cropped(to: $0)
      }
    }
    record.map = nil
    if let folder = outputs.annotations {
      let layout = RasterLayout(format: .rgb8, width: picture.width, height: picture.height)
      _ = try write(layout, item, below: folder) { [record] strip in
        Annotation.mark(record, on: picture.view, rows: strip.y..<strip.maxY).raster.view
      }
    }
    return record
  }

  private func write(
    _ layout: RasterLayout, _ item: PathList.Item, below folder: String,
    strip: (PixelRect) -> RasterView
  ) throws(OutputFailure) -> String {
    let path = folder + "/" + item.outputName + ".png"
    do {
      if let slash = path.lastIndex(of: "/") { try makeFolder(String(path[..<slash])) }
      try ImageFiles.writePNG(layout, to: path, strip: strip)
    } catch {
      throw OutputFailure(error: error)
    }
    return path
  }
}
