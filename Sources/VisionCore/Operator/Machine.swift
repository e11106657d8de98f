import CSystem
import Threading
import VisionImage
import VisionKernelsABI
import VisionKernelsBaseline

#if arch(x86_64)
  import VisionKernelsAVX2
  import VisionKernelsAVX512
#endif

/// An instruction set that the kernels are compiled for. `baseline` is x86-64-v2 (SSE4.2), or all
/// there is on another processor; `avx2` is x86-64-v3, `avx512` is x86-64-v4.
public enum InstructionSet: String, Sendable, CaseIterable {
  case baseline, avx2, avx512

  /// Those of this build that this processor can run, the best last.
  public static let available: [InstructionSet] = {
    #if arch(x86_64)
      switch system_x86_level() {
      case 4: return [.baseline, .avx2, .avx512]
      case 3: return [.baseline, .avx2]
      default: return [.baseline]
      }
    #else
      return [.baseline]
    #endif
  }()

  public static var best: InstructionSet { available[available.count - 1] }

  /// The x86-64 level it stands for.
  public var level: Int {
    switch self {
    case .baseline: 2
    case .avx2: 3
    case .avx512: 4
    }
  }

  var kernels: kernel_table {
    precondition(Self.available.contains(self), "this processor has no \(rawValue)")
    #if arch(x86_64)
      switch self {
      case .baseline: return VisionKernelsBaseline.makeKernelTable()
      case .avx2: return VisionKernelsAVX2.makeKernelTable()
      case .avx512: return VisionKernelsAVX512.makeKernelTable()
      }
    #else
      return VisionKernelsBaseline.makeKernelTable()
    #endif
  }
}

/// What native operators run on: the kernels of one instruction set, scratch memory that is kept
/// from call to call, and the threads that may share the work. One machine serves one thread.
public final class Machine {
  public let instructionSet: InstructionSet
  public let kernels: kernel_table
  let workspace = Workspace()
  /// Runs and labels of the last picture, likewise kept.
  public private(set) lazy var labeller = RunLabeller()
  /// Pictures between the steps of an operator, kept from call to call.
  private var spare: [Raster] = []

  /// Threads that share the rows of a picture.
  public let threads: Int
  private let pool: BandPool
  private let bandWorkspaces: [Workspace]
  private let leastRows: Int
  private let cacheBytes: Int

  /// A band of fewer than `leastRows` rows is not worth a thread.
  public init(
    _ instructionSet: InstructionSet = .best, threads: Int = 1, leastRows: Int = 64,
    cacheBytes: Int = Machine.systemCacheBytes
  ) {
    self.instructionSet = instructionSet
    self.threads = threads
    self.leastRows = leastRows
    self.cacheBytes = cacheBytes
    kernels = instructionSet.kernels
    pool = BandPool(count: threads)
    bandWorkspaces = (0..<threads).map { _ in Workspace() }
  }

  /// Runs `body` with a picture of this shape, not cleared; inside it others may be asked for.
  func withTemporary<R>(_ layout: RasterLayout, _ body: (inout Raster) -> R) -> R {
    let place = spare.lastIndex { $0.layout.sameShape(as: layout) }
    var picture = place.map { spare.remove(at: $0) } 
      ?? Raster(
        uninitialized: RasterLayout(
          format: layout.format, width: layout.width, height: layout.height))
    // A few shapes are kept; what a line needs is the same every time.
    defer {
      if spare.count >= 8 { spare.removeFirst() }
      spare.append(picture)
    }
    return body(&picture)
  }

  /// What the system tells, or what a small processor has. Of the hundreds of megabytes that a server
  /// shares among its processors, one process has a part.
  public static let systemCacheBytes: Int = {
    let told = Int(system_cache_bytes())
    return told > 0 ? min(told, 24 << 20) : 8 << 20
  }()

  /// Processors that this process may run on.
  public static var usableProcessors: Int { Int(system_usable_processors()) }

  /// The rows that are wanted of the next result; nil: all of them. Only operators that make any rows
  /// by themselves (`RowOperator`) may be run while this is set.
  private var wantedRows: Range<Int>?

  /// Whether pictures that take so many bytes are read and written as `FarRows` says. The strips that row
  /// operators hand each other are made to stay in the cache, however large the picture.
  func isFar(_ bytes: Int) -> Bool { wantedRows == nil && bytes > cacheBytes }

  /// Runs `body`, in which a row operator makes these rows only.
  func limited<R>(to rows: Range<Int>, _ body: () -> R) -> R {
    wantedRows = rows
    defer { wantedRows = nil }
    return body()
  }

  /// Runs `body` over all rows of an image (those that are wanted), in one band or in several at once.
  /// A band's scratch is its own.
  func inBands(of height: Int, _ body: (_ rows: Range<Int>, _ workspace: Workspace) -> Void) {
    let rows = wantedRows ?? 0..<height
    inParts(bands(of: rows.count)) { part, parts, workspace in
      body(
        rows.lowerBound + rows.count * part / parts
          ..< rows.lowerBound + rows.count * (part + 1) / parts, workspace)
    }
  }

  /// Into how many bands so many rows are cut.
  func bands(of height: Int) -> Int { max(1, min(threads, height / leastRows)) }

  /// Runs `body` for every part at the same time, each with scratch of its own.
  func inParts(
    _ parts: Int, _ body: (_ part: Int, _ parts: Int, _ workspace: Workspace) -> Void
  ) {
    pool.run(parts: parts) { part in
      bandWorkspaces[part].scope { body(part, parts, $0) }
      kernels.memory.settle()
    }
  }
}
