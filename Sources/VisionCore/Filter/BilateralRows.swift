import VisionImage
import VisionKernelsABI

/// How alike levels are, in 16 bits: exp(-difference² / 2 sigma²) = exp(-16 y) with
/// y = min(difference, most)² scale slope / 2^32.
struct BilateralLikeness {
  /// Sums of more neighbours could leave 32 bits.
  static let mostNeighbours = 256

  let most: UInt16
  let scale: UInt16
  let slope: UInt16

  /// nil where so narrow a bell does not fit: levels that differ too much to count would count.
  init?(sigma: Double) {
    let wanted = 65536.0 * 65536.0 / (32 * sigma * sigma)
    // The slope keeps its 16 bits, and what is more goes into the scale of the square.
    let scale = (wanted / 65535).rounded(.up)
    guard scale <= 65535 else { return nil }
    let slope = (wanted / scale).rounded()
    let most = min(255, (65535 / scale).squareRoot().rounded(.down))
    let furthest = most * most * scale * slope / (65536.0 * 65536.0)
    guard most == 255 || furthest >= 0.7 else { return nil }
    self.most = UInt16(most)
    self.scale = UInt16(scale)
    self.slope = UInt16(slope)
  }
}

/// The rows around the one that is filtered.
struct BilateralRows {
  let padded: PaddedRows<UInt8>
  let radius: Int
  let stride: Int
  /// Of rows that hold two neighbours of every pixel in turns.
  let pairStride: Int
  /// Every row lies there twice, so that every window of rows is one piece.
  private let ring: UnsafeMutablePointer<UInt8>
  private let pairs: UnsafeMutablePointer<UInt8>

  init(padded: PaddedRows<UInt8>, radius: Int, in workspace: Workspace) {
    self.padded = padded
    self.radius = radius
    stride = (padded.length + 191) & ~63
    pairStride = 2 * stride
    ring = workspace.take(2 * (2 * radius + 1) * stride, of: UInt8.self)
    pairs = workspace.take((radius + 2) * pairStride, of: UInt8.self)
  }

  /// Takes row `y` in, and the one a window higher out.
  func enter(_ y: Int) {
    let high = 2 * radius + 1
    let slot = ring + (y + radius) % high * stride
    padded.fill(y, into: slot)
    (slot + high * stride).update(from: slot, count: padded.length)
  }

  /// Column 0 of row `y`, rows of the window `stride` apart.
  func middle(_ y: Int) -> UnsafeMutablePointer<UInt8> {
    ring + (y % (2 * radius + 1) + radius) * stride + radius
  }

  /// Every pixel of row `y` twice, and then, a stride apart: the row with its right neighbours, the
  /// rows one above and below in turns, those two above and below, …
  func interleave(_ y: Int, _ kernels: kernel_table) -> UnsafeMutablePointer<UInt8> {
    let here = middle(y)
    kernels.rank.interleave8(here, here, pairs, padded.width)
    for j in 0...radius {
      let upper = here - j * stride - radius
      let lower = j == 0 ? upper + 1 : here + j * stride - radius
      kernels.rank.interleave8(upper, lower, pairs + (j + 1) * pairStride, padded.width + 2 * radius)
    }
    return pairs
  }
}
