// Pictures and documents to send: chosen by the person, or made up for a test.

export function choose(accept) {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    Object.assign(input, { type: "file", accept });
    input.addEventListener("change", () => resolve(input.files[0] ?? null), { once: true });
    input.addEventListener("cancel", () => resolve(null), { once: true });
    input.click();
  });
}

// A made-up photo: a vehicle's document, more or less, with the sender's name on it.
export function testPhoto(name) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 420];
  const paint = canvas.getContext("2d");
  const sky = paint.createLinearGradient(0, 0, 640, 420);
  sky.addColorStop(0, "#20603d");
  sky.addColorStop(0.55, "#3a8f6a");
  sky.addColorStop(1, "#f4d58d");
  paint.fillStyle = sky;
  paint.fillRect(0, 0, 640, 420);
  paint.fillStyle = "#fffdf5";
  paint.fillRect(60, 70, 520, 280);
  paint.fillStyle = "#1c3d2e";
  paint.font = "600 34px sans-serif";
  paint.fillText("Certificate of insurance", 92, 130);
  paint.font = "24px sans-serif";
  const lines = [`Name: ${name || "—"}`, "Plate: RAA 123 C", "Policy: EM-2026-0042", "Valid until: 31 December"];
  lines.forEach((line, index) => paint.fillText(line, 92, 186 + index * 40));
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
}

// The smallest document that calls itself a PDF.
export function testDocument() {
  const file = new Blob(["%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n",
    "trailer<</Root 1 0 R>>\n%%EOF\n"], { type: "application/pdf" });
  return file;
}
