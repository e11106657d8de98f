import InspectionKit
import VisionCore
import VisionImage

/// Pictures of a calibration: where the marks were, and how far the model is off there.
enum CalibrationPreview {
  private static let colours: [RGB<UInt8>] = [
    RGB(red: 255, green: 90, blue: 70), RGB(red: 90, green: 200, blue: 90),
    RGB(red: 90, green: 150, blue: 255), RGB(red: 255, green: 200, blue: 60),
    RGB(red: 220, green: 110, blue: 230), RGB(red: 80, green: 220, blue: 220),
  ]
  private static let arrow = RGB<UInt8>(red: 255, green: 255, blue: 255)
  private static let outlier = RGB<UInt8>(red: 255, green: 0, blue: 0)

  /// Marks of every view in a colour each, on the first picture, with the residuals as arrows a
  /// hundred times their length; marks that were left out are red.
  static func camera(_ calibration: CameraCalibration, on picture: Raster) -> Canvas {
    var canvas = Canvas(picture.view, dimming: 0.6)
    for (i, view) in calibration.views.enumerated() {
      for (k, p) in view.view.pixels.enumerated() {
        let isOut = view.outliers.contains(k)
        canvas.dot(p, radius: 2, isOut ? outlier : colours[i % colours.count])
        draw(view.residuals[k], from: p, on: &canvas)
      }
    }
    return canvas
  }

  /// The marks of one view joined in their order, the first one large.
  static func marks(_ pixels: [PixelPoint], residuals: [PixelPoint], on picture: Raster) -> Canvas {
    var canvas = Canvas(picture.view, dimming: 0.5)
    for (a, b) in zip(pixels, pixels.dropFirst()) { canvas.line(a, b, colours[2]) }
    for (k, p) in pixels.enumerated() {
      canvas.dot(p, radius: k == 0 ? 5 : 2, colours[k == 0 ? 3 : 1])
      if k < residuals.count { draw(residuals[k], from: p, on: &canvas) }
    }
    return canvas
  }

  private static func draw(_ residual: PixelPoint, from p: PixelPoint, on canvas: inout Canvas) {
    canvas.line(p, PixelPoint(x: p.x + 100 * residual.x, y: p.y + 100 * residual.y), arrow)
  }
}
