import { type Image, type Patch } from "@leat/api";
import type { KustomizationFile } from "./kustomization-file.ts";

/** What the spec of a Kustomization adds to the user's kustomization file; each field as in that spec. */
export interface Overlay {
  targetNamespace?: string | undefined;
  namePrefix?: string | undefined;
  nameSuffix?: string | undefined;
  patches?: readonly Patch[] | undefined;
  images?: readonly Image[] | undefined;
  /** Relative paths of directories in the repository. */
  components?: readonly string[] | undefined;
  ignoreMissingComponents?: boolean | undefined;
  buildMetadata?: readonly string[] | undefined;
}

/**
 * The user's kustomization file with the overlay merged in: names and namespace replace those of the file, patches and
 * components come after them, and an image takes over only what the overlay says of it.
 *
 * @param components those of the overlay that are to be added
 */
export function mergeOverlay(
  file: KustomizationFile,
  overlay: Overlay,
  components: readonly string[],
): KustomizationFile {
  const merged: KustomizationFile = { ...file };
  if (overlay.targetNamespace) merged["namespace"] = overlay.targetNamespace;
  if (overlay.namePrefix) merged["namePrefix"] = overlay.namePrefix;
  if (overlay.nameSuffix) merged["nameSuffix"] = overlay.nameSuffix;
  if (overlay.buildMetadata) merged["buildMetadata"] = [...overlay.buildMetadata];
  if (overlay.patches?.length) merged["patches"] = [...listOf(file["patches"]), ...overlay.patches];
  if (components.length > 0) merged["components"] = [...listOf(file["components"]), ...components];
  if (overlay.images?.length) {
    merged["images"] = mergeImages([...listOf(file["images"]), ...listOf(file["imageTags"])], overlay.images);
    // kustomize takes the two lists as one; apart, the older name would undo what the overlay says.
    delete merged["imageTags"];
  }
  return merged;
}

function mergeImages(declared: readonly unknown[], overlaid: readonly Image[]): unknown[] {
  const images = [...declared];
  for (const image of overlaid) {
    const at = images.findIndex((other) => (other as Partial<Image> | null)?.name === image.name);
    if (at === -1) images.push(image);
    else images[at] = mergeImage(images[at] as Image, image);
  }
  return images;
}

/** Tag and digest are alternatives: setting one replaces both. */
function mergeImage(declared: Image, overlaid: Image): Image {
  const merged: Image = { ...declared, ...overlaid };
  if (overlaid.newTag === undefined && overlaid.digest === undefined) return merged;
  if (overlaid.newTag === undefined) delete merged.newTag;
  if (overlaid.digest === undefined) delete merged.digest;
  return merged;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
