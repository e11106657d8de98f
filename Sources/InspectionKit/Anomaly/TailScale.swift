/// How rare a value is among good ones, as the negative logarithm of the share that reaches it: what
/// different measurements say can be added. Beyond what was seen the logarithm goes on as a line.
struct TailScale: Sendable {
  /// The value that a tenth of the good ones reach.
  private let start: Float
  /// What the logarithm grows by with the value.
  private let slope: Float

  init(_ good: [Float]) {
    start = good.quantile(0.9)
    // From a tenth to a fiftieth.
    slope = Float(FixedMath.log(5)) / max(1e-6, good.quantile(0.98) - start)
  }

  init(_ reader: inout ModelReader) throws(ModelError) {
    (start, slope) = (try reader.float(), try reader.float())
    guard slope > 0, slope.isFinite, start.isFinite else { throw .damaged("its scales") }
  }

  func write(to writer: inout ModelWriter) {
    writer.float(start)
    writer.float(slope)
  }

  func surprise(_ value: Float) -> Float { max(0, 2.302585 + (value - start) * slope) }
}
