import ImageFiles

/// What must hold for any bytes of a picture.
public enum PictureProperties {
  private static let limits = DecodingLimits(pixels: 1 << 20, bytes: 1 << 24)

  public static func check(_ bytes: UnsafeRawBufferPointer) {
    do throws(ImageFileError) {
      let picture = try ImageFiles.decode(bytes, name: "input", limits: limits)
      precondition(picture.layout.pixelCount <= limits.pixels)
    } catch {
      precondition(!error.reason.isEmpty && !error.description.contains("\n"), error.description)
    }
  }
}
