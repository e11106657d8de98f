import Configuration

/// The one list of operators. A new one is added here and nowhere else.
public enum OperatorRegistry {
  public static let all: [any Operator.Type] = [
    Threshold.self, Otsu.self, Adaptive.self, Box.self, Gaussian.self, Median.self, Bilateral.self,
    Sobel.self, Scharr.self, Laplacian.self, Gradient.self, Canny.self, Erode.self, Dilate.self,
    Open.self, Close.self, TopHat.self, BlackHat.self, MorphologyGradient.self, CLAHE.self,
    Flip.self, Transpose.self, Rotate90.self, Resize.self, PyramidDown.self, PyramidUp.self,
    WarpAffine.self, WarpPerspective.self, Undistort.self, Polar.self,
    Equalize.self, Normalize.self, Gamma.self, LookUp.self, Not.self, Multiply.self,
    Distance.self, FillHoles.self, Reconstruct.self, Skeleton.self, Watershed.self, Integral.self,
    Gray.self, HSV.self, Lab.self, Demosaic.self, YUV422.self, NV12.self, Unpack.self,
    AbsoluteDifference.self, Add.self, Subtract.self, Minimum.self, Maximum.self, BitAnd.self,
    BitOr.self, BitXor.self, Statistics.self, Histogram.self,
    Label.self, CountBlobs.self,
  ]

  public static var names: [String] { all.map { $0.descriptor.name } }

  public static func find(_ name: String) -> (any Operator.Type)? {
    all.first { $0.descriptor.name == name }
  }
}
