/// How pixels are taken from the reference: from how far away, with lines how much thicker.
struct PatternStep: Equatable {
  var dx = 0
  var dy = 0
  /// Pixels by which lines are grown; less than 0: shrunk.
  var growth = 0

  var size: Int { abs(dx) + abs(dy) + abs(growth) }

  static func + (a: PatternStep, b: PatternStep) -> PatternStep {
    PatternStep(dx: a.dx + b.dx, dy: a.dy + b.dy, growth: a.growth + b.growth)
  }

  /// Shifts of up to `reach` each way, the nearest first.
  static func shifts(_ reach: Int, growth: Int = 0) -> [PatternStep] {
    (-reach...reach).flatMap { dy in
      (-reach...reach).map { dx in PatternStep(dx: dx, dy: dy, growth: growth) }
    }.sorted { ($0.size, $0.dy, $0.dx) < ($1.size, $1.dy, $1.dx) }
  }
}

/// A step for every block of 8 x 8 pixels.
struct PatternField {
  /// Blocks of one word that have the same step.
  private struct Piece {
    let row: Int
    let word: Int
    var mask: UInt64
    let step: PatternStep
  }

  private let columns: Int
  private var steps: [PatternStep] = []
  private var pieces: [Piece] = []

  init(blocksOf picture: Bitmap, _ step: (_ bx: Int, _ by: Int) -> PatternStep) {
    columns = picture.words * 8
    let rows = (picture.height + BlockSearch.block - 1) / BlockSearch.block
    steps.reserveCapacity(columns * rows)
    for by in 0..<rows {
      for bx in 0..<columns {
        let step = step(bx, by), mask: UInt64 = 0xff << UInt64((bx & 7) * 8)
        steps.append(step)
        if bx & 7 != 0, pieces[pieces.count - 1].step == step {
          pieces[pieces.count - 1].mask |= mask
        } else {
          pieces.append(Piece(row: by, word: bx >> 3, mask: mask, step: step))
        }
      }
    }
  }

  subscript(bx: Int, by: Int) -> PatternStep { steps[by * columns + bx] }

  /// Draws every block from where its step says, moved by another one for all. The variants are the
  /// reference shrunk the most to grown the most; where there is but one, that is it.
  func draw(_ variants: [Bitmap], into out: Bitmap, moved: PatternStep = PatternStep()) {
    let middle = variants.count / 2
    for piece in pieces {
      let step = piece.step + moved, source = variants[middle + step.growth]
      let lowest = -source.margin, highest = source.height + source.margin - 1
      let top = piece.row * BlockSearch.block
      for y in top..<min(out.height, top + BlockSearch.block) {
        let row = source.row(min(max(y + step.dy, lowest), highest))
        let word = Bitmap.word(row, piece.word, shift: step.dx), target = out.row(y) + piece.word
        target.pointee = target.pointee & ~piece.mask | word & piece.mask
      }
    }
    out.cutRight()
  }
}
