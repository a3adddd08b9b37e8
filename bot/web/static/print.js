// The button that prints; without this script the browser's own command does.

const button = document.getElementById("print");
button.hidden = false;
button.addEventListener("click", () => print());
