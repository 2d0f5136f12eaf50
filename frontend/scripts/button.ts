// A button that only scripts have.
export function makeButton(text: string, kind: string, action: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = kind;
  button.textContent = text;
  button.addEventListener("click", action);
  return button;
}
