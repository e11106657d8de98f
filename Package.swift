// swift-tools-version: 6.1
import PackageDescription

// INSPECT_WITHOUT_OPENCV=1 leaves the second source out; everything else builds and runs as before.
let withOpenCV = Context.environment["INSPECT_WITHOUT_OPENCV"] == nil
// INSPECT_WITHOUT_CALIB3D=1 leaves out only OpenCV's calibration, whose package brings many others.
let withCalib3d = withOpenCV && Context.environment["INSPECT_WITHOUT_CALIB3D"] == nil
// INSPECT_WITHOUT_ARAVIS=1 leaves GigE Vision and USB3 Vision out.
let withAravis = Context.environment["INSPECT_WITHOUT_ARAVIS"] == nil

/// The kernels once more for another instruction set: the folder holds a link to the shared
/// sources. Whole numbers of a real computation must come out the same on every machine, so
/// multiplications and additions are never contracted.
func kernels(_ level: String, march: String) -> Target {
  .target(
    name: "VisionKernels\(level)",
    dependencies: ["VisionKernelsABI", "CVectors"],
    path: "Sources/VisionKernels/\(level)",
    swiftSettings: [
      .unsafeFlags(["-Xcc", "-march=\(march)", "-Xcc", "-ffp-contract=off", "-Ounchecked"])
    ])
}

#if arch(x86_64)
  let kernelTargets = [
    kernels("Baseline", march: "x86-64-v2"), kernels("AVX2", march: "x86-64-v3"),
    kernels("AVX512", march: "x86-64-v4"),
  ]
#else
  let kernelTargets = [kernels("Baseline", march: "armv8-a")]
#endif
let kernelNames = kernelTargets.map { Target.Dependency(stringLiteral: $0.name) }

var products: [Product] = [
  .executable(name: "inspect", targets: ["InspectCLI"])
]
var targets: [Target] = [
  .target(name: "VisionImage"),
  .target(name: "Configuration"),
  .target(name: "CVectors"),
  .target(name: "CSystem"),
  .target(name: "CAllocator"),
  .target(name: "CPluginABI"),
  .target(name: "CVideo4Linux"),
  .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
  .systemLibrary(name: "CSpng", pkgConfig: "spng", providers: [.apt(["libspng-dev"])]),
  .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
  .target(name: "CTiff", linkerSettings: [.linkedLibrary("tiff")]),
  .target(name: "ImageFiles", dependencies: ["VisionImage", "CTurboJPEG", "CSpng", "CTiff"]),
  .target(name: "VisionKernelsABI", path: "Sources/VisionKernels/ABI"),
  .target(
    name: "VisionCore",
    dependencies: [
      "VisionImage", "Configuration", "Threading", "CSystem", "CPluginABI", "VisionKernelsABI",
    ]
      + kernelNames),
  .target(name: "Threading", dependencies: ["CSystem"]),
  .target(name: "Hashing", dependencies: ["CCrypto"]),
  .target(name: "LineKit", dependencies: ["Configuration", "Hashing", "Threading", "CSystem"]),
  .target(
    name: "CaptureKit",
    dependencies: [
      "VisionImage", "Configuration", "Threading", "ImageFiles", "VisionCore", "CVideo4Linux",
      "CPluginABI", "VisionKernelsABI",
    ]),
  .target(
    name: "InspectionKit",
    dependencies: [
      "VisionImage", "Configuration", "Threading", "Hashing", "ImageFiles", "VisionCore", "CaptureKit",
      "VisionKernelsABI", "CAllocator",
    ]),
  .executableTarget(
    name: "InspectCLI",
    dependencies: [
      "VisionImage", "Configuration", "Threading", "ImageFiles", "VisionCore", "CaptureKit",
      "InspectionKit", "LineKit",
    ]),
  .testTarget(name: "VisionImageTests", dependencies: ["VisionImage"]),
  .testTarget(name: "ConfigurationTests", dependencies: ["Configuration"]),
  .testTarget(name: "ImageFilesTests", dependencies: ["ImageFiles"]),
  .testTarget(name: "ConformanceTests", dependencies: ["VisionCore"]),
  .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
  .testTarget(
    name: "VisionCoreTests", dependencies: ["VisionCore", "VisionImage", "AllocationCounter"]),
  .testTarget(
    name: "CaptureKitTests",
    dependencies: ["CaptureKit", "ImageFiles", "Threading", "VisionCore", "VisionImage"],
    exclude: ["Goldens"]),
  .testTarget(
    name: "InspectionKitTests", dependencies: ["InspectionKit", "ImageFiles", "FuzzProperties"]),
  .testTarget(name: "LineKitTests", dependencies: ["LineKit", "Threading"]),
  .testTarget(
    name: "InspectCLITests", dependencies: ["InspectCLI", "ImageFiles", "VisionCore", "VisionImage"]),
  .testTarget(name: "TidyTests", dependencies: ["VisionCore"]),
]
targets += kernelTargets

if withOpenCV {
  products.append(
    .library(name: "OpenCVEngine", type: .dynamic, targets: ["OpenCVEngine"]))
  targets.append(
    .target(
      name: "OpenCVEngine",
      dependencies: ["CPluginABI"],
      path: "Sources/Plugins/OpenCVEngine",
      cxxSettings: [.unsafeFlags(["-isystem", "/usr/include/opencv4"])],
      linkerSettings: [.linkedLibrary("opencv_core"), .linkedLibrary("opencv_imgproc")]))
}

if withCalib3d {
  products.append(
    .library(name: "OpenCVCalibration", type: .dynamic, targets: ["OpenCVCalibration"]))
  targets.append(
    .target(
      name: "OpenCVCalibration",
      dependencies: ["CPluginABI"],
      path: "Sources/Plugins/OpenCVCalibration",
      cxxSettings: [.unsafeFlags(["-isystem", "/usr/include/opencv4"])],
      linkerSettings: ["calib3d", "features2d", "imgproc", "core"].map {
        .linkedLibrary("opencv_\($0)")
      }))
}

if withAravis {
  #if arch(x86_64)
    let machine = "x86_64-linux-gnu"
  #else
    let machine = "aarch64-linux-gnu"
  #endif
  // Not by pkg-config, whose -pthread the package manager warns about.
  let headers = [
    "/usr/include/aravis-0.8", "/usr/include/glib-2.0", "/usr/lib/\(machine)/glib-2.0/include",
  ]
  products.append(.library(name: "AravisCamera", type: .dynamic, targets: ["AravisCamera"]))
  targets.append(
    .target(
      name: "AravisCamera",
      dependencies: ["CPluginABI"],
      path: "Sources/Plugins/AravisCamera",
      cSettings: [.unsafeFlags(headers.flatMap { ["-isystem", $0] })],
      linkerSettings: ["aravis-0.8", "gobject-2.0", "glib-2.0"].map { .linkedLibrary($0) }))
}

// What must hold for any input; the tests try mutants of the corpus, ./run fuzz lets libFuzzer look.
targets.append(
  .target(
    name: "FuzzProperties", dependencies: ["Configuration", "ImageFiles", "InspectionKit"],
    path: "Tests/Fuzz/Properties"))

/// A program whose entry point is libFuzzer's; it links only under its sanitizer.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: "Fuzz\(name)", dependencies: dependencies, path: "Tests/Fuzz/\(name)",
    swiftSettings: [.unsafeFlags(["-parse-as-library"])])
}

if Context.environment["INSPECT_FUZZ"] != nil {
  targets += [
    fuzzer("Recipes", ["FuzzProperties"]), fuzzer("Pictures", ["FuzzProperties"]),
  ]
}

let package = Package(
  name: "inspect",
  products: products,
  targets: targets,
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
