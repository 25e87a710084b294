"""Forms for bringing cases in, and for one case."""

from django import forms

from agents.admin.fields import JsonFormField
from agents.models import Case

MAX_FILE_BYTES = 10 * 1024 * 1024


class ImportForm(forms.Form):
    slug = forms.SlugField(max_length=80, help_text="Letters, digits and -; how commands name it.")
    name = forms.CharField(max_length=120, required=False)
    file = forms.FileField(
        required=False,
        help_text="JSONL, one case a line, or CSV with a first line that names the columns.",
        label="File",
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label="or paste the lines here",
        widget=forms.Textarea(attrs={"rows": 10, "class": "code", "spellcheck": "false"}),
    )
    file_format = forms.ChoiceField(
        choices=[("", "By the file's name"), ("jsonl", "JSONL"), ("csv", "CSV")], required=False, label="Format"
    )

    def clean(self):
        cleaned = super().clean()
        file = cleaned.get("file")
        if file is None and not cleaned.get("text", "").strip():
            raise forms.ValidationError("Choose a file, or paste its lines.")
        if file is not None:
            cleaned["text"] = self._read(file)
        if not cleaned.get("file_format"):
            cleaned["file_format"] = "csv" if file is not None and file.name.lower().endswith(".csv") else "jsonl"
        return cleaned

    def _read(self, file) -> str:
        if file.size > MAX_FILE_BYTES:
            raise forms.ValidationError(
                {"file": "The file is larger than 10 MB. Import it by `manage.py import_dataset`."}
            )
        try:
            return file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError({"file": f"The file is not UTF-8 text (byte {error.start})."}) from error


class CaseForm(forms.ModelForm):
    tags = forms.CharField(required=False, help_text="Divided by commas.")

    class Meta:
        model = Case
        fields = ("case_id", "inputs", "expected", "split", "tags", "critical")
        field_classes = {"inputs": JsonFormField, "expected": JsonFormField}
        widgets = {name: forms.Textarea(attrs=JsonFormField.widget.attrs) for name in ("inputs", "expected")}
        error_messages = {
            "inputs": {"required": 'Give an object with at least one variable, such as {"question": "…"}.'}
        }
        help_texts = {
            "inputs": 'An object with a value for each variable: {"text": "…"}.',
            "expected": "JSON: the right answer, or a list of which any is right. Text stands in double quotes.",
            "split": "Such as test or train; empty is fine.",
            "critical": "A version that fails it should not be promoted.",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["tags"] = ", ".join(self.initial.get("tags") or [])

    def clean_inputs(self):
        inputs = self.cleaned_data["inputs"]
        if not isinstance(inputs, dict) or not inputs:
            raise forms.ValidationError('Give an object with at least one variable, such as {"question": "…"}.')
        return inputs

    def clean_tags(self):
        return [tag.strip() for tag in self.cleaned_data["tags"].split(",") if tag.strip()]

    def clean(self):
        cleaned = super().clean()
        same = Case.objects.filter(dataset=self.instance.dataset, case_id=cleaned.get("case_id")).exclude(
            pk=self.instance.pk
        )
        if same.exists():
            self.add_error("case_id", "Another case of this dataset has this id.")
        return cleaned
