import ImageFiles

/// Any bytes as a picture: a picture within the limits, or one line that says what is wrong.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  do throws(ImageFileError) {
    let picture = try ImageFiles.decode(
      bytes, name: "input", limits: DecodingLimits(pixels: 1 << 20, bytes: 1 << 24))
    precondition(picture.layout.pixelCount <= 1 << 20)
  } catch {
    precondition(!error.reason.isEmpty && !error.description.contains("\n"))
  }
  return 0
}
