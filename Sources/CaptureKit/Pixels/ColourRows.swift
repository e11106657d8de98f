/// Rows of red, green and blue from those of cameras.
enum ColourRows {
  static func rgb(
    from source: UnsafeRawPointer, red: Int, green: Int, blue: Int, step: Int,
    into target: UnsafeMutableRawPointer, count: Int
  ) {
    let out = target.assumingMemoryBound(to: UInt8.self)
    let pixels = source.assumingMemoryBound(to: UInt8.self)
    for x in 0..<count {
      out[3 * x] = pixels[step * x + red]
      out[3 * x + 1] = pixels[step * x + green]
      out[3 * x + 2] = pixels[step * x + blue]
    }
  }
}
