import FuzzProperties

/// Any bytes as a picture: a picture within the limits, or one line that says what is wrong.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  PictureProperties.check(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}
