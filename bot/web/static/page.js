// What pages beside the conversation have only with a script: a button that prints, and the way back to the answer.

const button = document.getElementById("print");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// The address of the answer stays in this tab: it holds the question, which no other page's address should.
const back = document.getElementById("back");
const answer = sessionStorage.getItem("answer");
if (back && answer) {
  back.href = answer;
  back.hidden = false;
}
