"""Datasets and their cases: read, searched, edited one by one, brought in and taken out as files."""

import json

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html

from agents.admin.addresses import number_in
from agents.admin.base import ParleyAdmin, moment, require
from agents.admin.dataset_forms import CaseForm, ImportForm
from agents.admin.site import site
from agents.models import Case, Dataset
from agents.services.datasets import DatasetFileError, import_cases

CASES_A_PAGE = 50


@admin.register(Dataset, site=site)
class DatasetAdmin(ParleyAdmin):
    list_display = ("name", "slug", "cases_in_it", "evaluations_on_it", moment("created_at", "since"))
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = ((None, {"fields": ("name", "slug", "description")}),)
    change_list_template = "admin/agents/dataset/list.html"
    empty_title = "No datasets yet"
    empty_text = "A dataset is a set of cases, each an input with the answer that is right. Import a JSONL or CSV file."

    def get_queryset(self, request):
        counted = {"size": Count("cases", distinct=True), "measured": Count("evaluations", distinct=True)}
        return super().get_queryset(request).annotate(**counted)

    def get_urls(self):
        page = self.admin_site.page
        return [
            page("import/", self.import_file, "agents_dataset_import"),
            page("<int:dataset_id>/settings/", self.settings, "agents_dataset_settings"),
            page("<int:dataset_id>/export/", self.export, "agents_dataset_export"),
            page("<int:dataset_id>/cases/add/", self.edit_case, "agents_dataset_case_add"),
            page("<int:dataset_id>/cases/<int:case_id>/", self.edit_case, "agents_dataset_case"),
            page("<int:dataset_id>/cases/<int:case_id>/delete/", self.delete_case, "agents_dataset_case_delete"),
            *super().get_urls(),
        ]

    @admin.display(description="cases", ordering="size")
    def cases_in_it(self, dataset):
        return format_html('<span class="num">{}</span>', dataset.size)

    @admin.display(description="evaluations", ordering="measured")
    def evaluations_on_it(self, dataset):
        url = reverse("admin:agents_evaluation_changelist")
        return format_html('<a class="num" href="{}?dataset__id__exact={}">{}</a>', url, dataset.pk, dataset.measured)

    def settings(self, request, dataset_id):
        return self.changeform_view(request, str(dataset_id))

    def response_add(self, request, obj, post_url_continue=None):
        return redirect("admin:agents_dataset_change", obj.pk)

    def response_change(self, request, obj):
        return redirect("admin:agents_dataset_change", obj.pk)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The dataset's own page: its cases, searched and by pages, all in the address."""
        require(request, "agents.view_dataset")
        dataset = get_object_or_404(Dataset, pk=number_in(object_id))
        query, split = request.GET.get("q", "").strip(), request.GET.get("split", "")
        cases = dataset.cases.all()
        if query:
            cases = cases.filter(
                Q(case_id__icontains=query) | Q(inputs__icontains=query) | Q(expected__icontains=query)
            )
        if split:
            cases = cases.filter(split=split)
        context = self.page_context(
            request,
            title=dataset.name,
            dataset=dataset,
            page=Paginator(cases, CASES_A_PAGE).get_page(request.GET.get("page")),
            size=dataset.cases.count(),
            query=query,
            split=split,
            splits=dataset.cases.exclude(split="").order_by("split").values_list("split", flat=True).distinct(),
            evaluations=dataset.evaluations.select_related("version__prompt")[:5],
            can_change=self.has_change_permission(request, dataset),
        )
        return render(request, "admin/agents/dataset/page.html", context)

    def import_file(self, request):
        require(request, "agents.change_dataset")
        initial = {"slug": request.GET.get("slug", ""), "name": request.GET.get("name", "")}
        form = ImportForm(request.POST or None, request.FILES or None, initial=initial)
        problems = []
        if request.method == "POST" and form.is_valid():
            given = {key: form.cleaned_data[key] for key in ("slug", "text", "file_format")}
            try:
                done = import_cases(**given, name=form.cleaned_data["name"] or None)
            except DatasetFileError as error:
                problems = error.problems
            else:
                counts = f"{done.added} added, {done.changed} changed, {done.unchanged} unchanged"
                messages.success(request, f"{done.dataset.name}: {counts}.")
                return redirect("admin:agents_dataset_change", done.dataset.pk)
        status = 422 if request.method == "POST" else 200
        context = self.page_context(request, title="Import cases", form=form, problems=problems)
        return render(request, "admin/agents/dataset/import.html", context, status=status)

    def export(self, request, dataset_id):
        require(request, "agents.view_dataset")
        dataset = get_object_or_404(Dataset, pk=dataset_id)
        lines = [json.dumps(_line(case), ensure_ascii=False) for case in dataset.cases.iterator()]
        response = HttpResponse("\n".join([*lines, ""]), content_type="application/jsonl; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{dataset.slug}.jsonl"'
        return response

    def edit_case(self, request, dataset_id, case_id=None):
        require(request, "agents.change_dataset")
        dataset = get_object_or_404(Dataset, pk=dataset_id)
        case = get_object_or_404(Case, dataset=dataset, pk=case_id) if case_id else Case(dataset=dataset)
        form = CaseForm(request.POST or None, instance=case)
        if request.method == "POST" and form.is_valid():
            form.save()
            messages.success(request, f"{case.case_id} is saved. Evaluations that are done keep the case as it was.")
            return redirect("admin:agents_dataset_change", dataset.pk)
        title = case.case_id if case_id else "Add a case"
        context = self.page_context(request, title=title, form=form, dataset=dataset, case=case)
        status = 422 if request.method == "POST" else 200
        return render(request, "admin/agents/dataset/case.html", context, status=status)

    def delete_case(self, request, dataset_id, case_id):
        require(request, "agents.change_dataset")
        case = get_object_or_404(Case.objects.select_related("dataset"), dataset=number_in(dataset_id), pk=case_id)
        if request.method == "POST":
            case.delete()
            messages.success(request, f"{case.case_id} is deleted.")
            return redirect("admin:agents_dataset_change", dataset_id)
        context = self.page_context(
            request,
            title=f"Delete {case.case_id}?",
            text="Evaluations that asked it keep their results; new ones won't ask it.",
            button="Delete the case",
            back=reverse("admin:agents_dataset_case", args=[dataset_id, case_id]),
        )
        return render(request, "admin/confirm.html", context)


def _line(case: Case) -> dict:
    return {
        "id": case.case_id,
        "inputs": case.inputs,
        "expected": case.expected,
        "split": case.split,
        "tags": case.tags,
        "critical": case.critical,
    }
